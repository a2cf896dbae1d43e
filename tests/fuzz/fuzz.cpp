// SPDX-License-Identifier: LGPL-2.1-or-later

#include "fuzz.h"

#include "base/text.h"
#include "model/regex.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
    usb_hotplug::use_regex_module(USB_HOTPLUG_BUILT_REGEX);
    return 0;
}

namespace usb_hotplug::fuzz {

namespace {

const Rule* first_holding(const std::vector<Rule>& rules, const Device& device) {
    const Rule* first = nullptr;
    for (const Rule& rule : rules) {
        const RuleTrace trace = try_rule(rule, device);
        check(trace.holds == (rule.enabled && trace.failed == nullptr),
              "a rule holds or has failed");
        for (const char c : printable(trace.actual)) {
            check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "explanations are harmless");
        }
        first = first == nullptr && trace.holds ? &rule : first;
    }
    return first;
}

void check_verdict(const Verdict& verdict, const Device& device) {
    const Rule* wants = first_holding(verdict.guest->usb, device);
    const Rule* excepts = first_holding(verdict.guest->except, device);
    check(verdict.wanted() == (wants != nullptr && excepts == nullptr),
          "explanations agree with the decision");
    check(!verdict.wanted() || verdict.by == wants, "the first rule that holds is named");
}

} // namespace

void check(bool truth, const char* what) {
    if (!truth) {
        (void)std::fprintf(stderr, "Not true: %s\n", what);
        std::abort();
    }
}

void check_decision(const std::vector<Guest>& guests, const Device& device) {
    const Decision decision = decide(device, guests);
    check(decision.is_hub == device.is_hub(), "hubs are told");
    check(decision.is_hub || decision.verdicts.size() == guests.size(), "each guest is asked");
    for (const Verdict& verdict : decision.verdicts) {
        check_verdict(verdict, device);
    }
    (void)questions_of(guests);
}

} // namespace usb_hotplug::fuzz
