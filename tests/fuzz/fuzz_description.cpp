// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Any text as the description of devices. It has a mistake, said in one harmless line, or it reads
// back as it is written, and each of its devices can be decided about and gets a rule that fits it.

#include "fuzz.h"
#include "learn/append.h"
#include "learn/description.h"
#include "learn/escapes.h"
#include "learn/proposal.h"

using namespace usb_hotplug;

namespace {

void check_rule(const Device& device, const std::vector<Device>& plugged,
                std::optional<RuleBy> by) {
    const auto rule = propose_rule(device, plugged, by);
    if (!rule) {
        return;
    }
    const Addition addition = add_rule("win10", "fuzz.toml", "", *rule, device);
    // The last part of any path passes for a port here; sysfs has no such names.
    const bool has_port = rule->find("\nport = ") != std::string::npos;
    fuzz::check(addition.kind == Addition::Added || has_port, "a rule fits its device");
}

void check_same(const Description& a, const Description& b) {
    fuzz::check(a.size() == b.size(), "as many devices read back");
    for (std::size_t i = 0; i < a.size(); ++i) {
        fuzz::check(a[i].path == b[i].path && a[i].node == b[i].node &&
                        a[i].properties == b[i].properties && a[i].attributes == b[i].attributes &&
                        a[i].links == b[i].links,
                    "a device reads back");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto description = parse_description("fuzz", text);
    if (!description) {
        fuzz::check(is_plain_text(description.error().message), "a mistake is one harmless line");
        return 0;
    }
    std::vector<std::string> left_out;
    const auto again = parse_description("again", write_description(*description, &left_out));
    fuzz::check(left_out.empty() && again, "what was read can be written");
    check_same(*description, *again);
    const std::vector<Device> devices = described_devices(*description);
    for (const Device& device : devices) {
        fuzz::check_decision({}, device);
        for (const auto by : {std::optional<RuleBy>(), std::optional(RuleBy::Id),
                              std::optional(RuleBy::Serial), std::optional(RuleBy::Port)}) {
            check_rule(device, devices, by);
        }
    }
    return 0;
}
