// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guests and rules for tests, and what a rule says to a device.

#pragma once

#include "model/config.h"
#include "model/devices_support.h"
#include "model/match.h"

#include <doctest/doctest.h>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace usb_hotplug::test {

/// The guest with this file; throws what is wrong with it.
inline Guest guest(const std::string& name, std::string_view content) {
    Configuration configuration;
    parse_guest(name, name + ".toml", content, configuration);
    if (configuration.guests.size() != 1) {
        throw std::runtime_error(configuration.errors_of(name));
    }
    return std::move(configuration.guests[0]);
}

/// The one rule of a file with this in it.
inline Rule rule(std::string_view keys) {
    return guest("win10", "[[usb]]\n" + std::string(keys) + "\n").usb.at(0);
}

inline bool rule_holds(std::string_view keys, const Device& device) {
    const Rule asked = rule(keys);
    return try_rule(asked, device).holds;
}

/// "key is actual and not wanted", of the first condition that does not hold.
inline std::string why_not(std::string_view keys, const Device& device) {
    const Rule asked = rule(keys);
    const RuleTrace trace = try_rule(asked, device);
    return trace.failed == nullptr
               ? ""
               : trace.failed->key + " is " + trace.actual + " and not " + trace.failed->wanted;
}

struct RuleCase {
    std::string_view keys;
    bool holds;
};

inline void check_rules(const Device& device, std::initializer_list<RuleCase> cases) {
    for (const RuleCase& c : cases) {
        CAPTURE(c.keys);
        CHECK(rule_holds(c.keys, device) == c.holds);
    }
}

} // namespace usb_hotplug::test
