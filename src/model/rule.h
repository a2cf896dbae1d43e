// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guests and their rules, as the configuration files say them. Plain data.
//
// A rule key is a Condition: the key as the user wrote it, for explanations, and a Pattern. To add
// a key: a pattern type here if none fits, its meaning in match.cpp, its syntax in parse_rule.cpp.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace usb_hotplug {

/// "046d:c52b"; an absent half is '*'.
struct IdPattern {
    std::optional<std::uint16_t> vendor;
    std::optional<std::uint16_t> product;
};

/// "1-4", or with `behind` "1-4.*": everything behind that hub.
struct PortPattern {
    std::string port;
    bool behind = false;
};

struct BusPattern {
    std::uint32_t bus = 0;
};

/// Of a device, or of at least one interface; absent parts do not count.
struct ClassPattern {
    bool of_interface = false;
    std::optional<std::uint8_t> base;
    std::optional<std::uint8_t> subclass;
    std::optional<std::uint8_t> protocol;
};

enum class TextField { Vendor, Product, Serial, Property, Attribute };

/// A glob over a text of the device, ignoring case.
struct TextPattern {
    TextField field = TextField::Product;
    std::string name; ///< of the udev property or sysfs attribute
    std::string glob;
};

using Pattern = std::variant<IdPattern, PortPattern, BusPattern, ClassPattern, TextPattern>;

struct Condition {
    std::string key;    ///< "id", "interface", "property.ID_PATH"
    std::string wanted; ///< the value as written, for explanations
    Pattern pattern;
};

/// One [[usb]] or [[except]] table: every condition must hold.
struct Rule {
    std::string description;
    std::uint32_t line = 0; ///< in the guest's file
    bool enabled = true;
    bool all = false; ///< `all = true`: holds for every device, and has no conditions
    std::vector<Condition> conditions;
};

enum class BackendKind { Libvirt };

/// Where a guest runs and what it is called there.
struct GuestAddress {
    BackendKind kind = BackendKind::Libvirt;
    std::string target; ///< libvirt connection URI
    std::string domain; ///< libvirt name or UUID
};

/// One guest's file.
struct Guest {
    std::string name; ///< the file's name, the instance of its units
    std::string file;
    GuestAddress address;
    std::int32_t priority = 0; ///< higher wins, then the name
    std::vector<Rule> usb;
    std::vector<Rule> except;
};

} // namespace usb_hotplug
