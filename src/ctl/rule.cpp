// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl rule: a rule for a plugged device, or for the next one that is plugged in.

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "host/arrivals.h"
#include "host/devices.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

Result<Device> next_device(std::optional<std::chrono::milliseconds> timeout) {
    auto arrivals = Arrivals::open();
    if (!arrivals) {
        return fail(arrivals.error().message, exit_failure);
    }
    // Not before the watch is on: what is plugged in from here on is seen.
    std::fprintf(stderr, "Plug the device in now; hubs do not count.\n");
    auto device = arrivals->next(timeout);
    if (!device) {
        return fail(device.error().message, exit_failure);
    }
    if (!*device) {
        return fail("No USB device was plugged in within the time given", exit_no_device);
    }
    return std::move(**device);
}

} // namespace

Result<Device> device_for_rule(const RuleRequest& request) {
    if (!request.word.empty()) {
        auto meant = find_meant(request.word);
        if (meant && meant->disk) {
            complain(meant->node +
                     " is a disk; a [[disk]] rule is written by hand, with its serial "
                     "number as 'usb-hotplugctl list' shows it");
            return fail("a disk", exit_failure);
        }
        return meant;
    }
    auto device = next_device(request.timeout);
    if (!device) {
        complain(device.error().message);
    }
    return device;
}

int rule(const RuleRequest& request) {
    const auto device = device_for_rule(request);
    if (!device) {
        return device.error().code;
    }
    const auto plugged = list_devices();
    if (!plugged) {
        return complain(plugged.error().message);
    }
    const auto text = propose_rule(*device, *plugged, request.by);
    if (!text) {
        return complain(text.error().message);
    }
    if (request.json) {
        Json document = new_json();
        document["device"] = identity_json(*device);
        document["rule"] = *text;
        print_json(document);
    } else {
        std::printf("%s", text->c_str());
    }
    return exit_success;
}

} // namespace usb_hotplug::ctl
