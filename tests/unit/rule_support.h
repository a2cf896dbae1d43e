// SPDX-License-Identifier: LGPL-2.1-or-later
//
// For the tests of the rule language: a device, and what a rule says to it.

#pragma once

#include "model/config.h"
#include "model/device.h"
#include "model/match.h"

#include <doctest/doctest.h>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace usb_hotplug::rule_test {

/// A receiver for mouse and keyboard, with a storage interface, at port 1-4.2.
inline Device receiver(std::map<std::string, std::string> attributes = {}) {
    attributes.try_emplace("removable", "removable");
    attributes.try_emplace("speed", "12");
    auto device = describe(
        {
            {"SUBSYSTEM", "usb"},
            {"DEVTYPE", "usb_device"},
            {"DEVPATH", "/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2"},
            {"BUSNUM", "001"},
            {"DEVNUM", "005"},
            {"PRODUCT", "46d/c52b/1211"},
            {"TYPE", "239/2/1"},
            {"ID_VENDOR_ENC", "Logitech"},
            {"ID_MODEL_ENC", "USB\\x20Receiver"},
            {"ID_SERIAL_SHORT", "4C53AB"},
            {"ID_USB_INTERFACES", ":030101:030102:080650:"},
            {"ID_PATH", "pci-0000:00:14.0-usb-0:4.2"},
            {"TAGS", ":systemd:desk:"},
            {"CURRENT_TAGS", ":systemd:"},
        },
        [attributes](const std::string& name) -> std::optional<std::string> {
            const auto found = attributes.find(name);
            return found == attributes.end() ? std::nullopt : std::optional(found->second);
        });
    if (!device) {
        throw std::runtime_error(device.error().message);
    }
    device->drivers = {"usbhid", "usb-storage"};
    return std::move(*device);
}

inline Configuration parsed(std::string_view content) {
    Configuration configuration;
    parse_guest("win10", "win10.toml", content, configuration);
    return configuration;
}

/// The guest with one [[usb]] rule that has these lines.
inline Guest guest_of(std::string_view rule) {
    Configuration configuration = parsed("[[usb]]\n" + std::string(rule) + "\n");
    if (configuration.guests.empty()) {
        throw std::runtime_error(configuration.errors_of("win10"));
    }
    return std::move(configuration.guests.front());
}

inline bool rule_holds(std::string_view rule, const Device& device) {
    const Guest guest = guest_of(rule);
    return try_rule(guest.usb.at(0), device).holds;
}

/// "key is actual and not wanted", of the first condition that does not hold.
inline std::string why_not(std::string_view rule, const Device& device) {
    const Guest guest = guest_of(rule);
    const RuleTrace trace = try_rule(guest.usb.at(0), device);
    return trace.failed == nullptr
               ? ""
               : trace.failed->key + " is " + trace.actual + " and not " + trace.failed->wanted;
}

struct RuleCase {
    std::string_view rule;
    bool holds;
};

inline void check_rules(const Device& device, std::initializer_list<RuleCase> cases) {
    for (const RuleCase& c : cases) {
        CAPTURE(c.rule);
        CHECK(rule_holds(c.rule, device) == c.holds);
    }
}

/// A broken file: what it is, its content, and exactly what is said, a line for each mistake.
struct BrokenFile {
    std::string_view what;
    std::string_view content;
    std::string_view said;
};

inline void check_messages(std::initializer_list<BrokenFile> table) {
    for (const BrokenFile& broken : table) {
        CAPTURE(broken.what);
        CAPTURE(broken.content);
        const Configuration configuration = parsed(broken.content);
        CHECK(configuration.guests.empty());
        CHECK(configuration.errors_of("win10") == broken.said);
    }
}

} // namespace usb_hotplug::rule_test
