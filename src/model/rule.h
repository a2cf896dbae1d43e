// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guests and their rules, as the configuration files say them. Plain data.
//
// A rule key is a Condition: the key as the user wrote it, for explanations, and its Patterns. To
// add a key: a pattern type here if none fits, its meaning in holds.cpp, its syntax in
// parse_rule.cpp.

#pragma once

#include "model/regex.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace usb_hotplug {

/// "046d:c52b"; an absent half is '*'.
struct IdPattern {
    std::optional<std::uint16_t> vendor;
    std::optional<std::uint16_t> product;
};

/// "1-4", or with `behind` "1-4.*": everything behind that hub. Also fits the port's other name: a
/// USB 3 connector is a port of two buses.
struct PortPattern {
    std::string port;
    bool behind = false;
};

struct BusPattern {
    std::uint32_t bus = 0;
};

/// Class, subclass and protocol; absent parts do not count.
struct ClassMatch {
    std::optional<std::uint8_t> base;
    std::optional<std::uint8_t> subclass;
    std::optional<std::uint8_t> protocol;
};

/// Of the device itself.
struct DeviceClassPattern {
    ClassMatch match;
};

/// Of its interfaces.
struct InterfacesPattern {
    enum class Logic {
        Any,  ///< some interface is one of these
        All,  ///< each of these is there
        None, ///< no interface is one of these
        Only, ///< there are interfaces, and each is one of these
    };
    Logic logic = Logic::Any;
    std::vector<ClassMatch> matches;
};

/// What the sysfs attribute "removable" says: it can be unplugged, or it is built in.
struct RemovablePattern {
    bool removable = false;
};

/// Tenths of Mbit/s, as the slowest speed has a fraction.
struct SpeedPattern {
    std::uint32_t min = 0;
    std::uint32_t max = 0;
};

enum class TextField { Vendor, Product, Serial, Property, Attribute, Driver, Tag, Label, Wwn };

/// A glob, or a regular expression where there is one; both ignore case.
struct TextMatch {
    std::string glob;
    std::optional<Regex> regex;

    [[nodiscard]] bool fits(const std::string& text) const;
};

/// A text of the device, or one of several. What the device does not have fits nothing.
struct TextPattern {
    TextField field = TextField::Product;
    std::string name; ///< of the udev property or sysfs attribute
    TextMatch match;
};

using Pattern = std::variant<IdPattern, PortPattern, BusPattern, DeviceClassPattern,
                             InterfacesPattern, RemovablePattern, SpeedPattern, TextPattern>;

struct Condition {
    std::string key;          ///< "id", "interface", "property.ID_PATH"
    std::string wanted;       ///< the value as written, for explanations
    std::vector<Pattern> any; ///< at least one must hold; several where the value is a list
};

/// One [[usb]], [[except]] or [[disk]] table: every condition must hold.
struct Rule {
    std::string description;
    std::uint32_t line = 0;   ///< in the guest's file, from 1
    std::uint32_t column = 0; ///< likewise
    bool enabled = true;
    bool all = false; ///< `all = true`: holds for every device, and has no conditions
    std::vector<Condition> conditions;
};

enum class DiskBus { Virtio, Scsi, Usb };
enum class DiskCache { Default, None, Writethrough, Writeback, Directsync, Unsafe };
enum class DiskDiscard { Default, Ignore, Unmap };

/// How a guest gets a disk.
struct DiskSettings {
    DiskBus bus = DiskBus::Virtio;
    std::string target; ///< "vdb"; empty for the next free name
    bool read_only = false;
    DiskCache cache = DiskCache::Default; ///< the hypervisor's own
    DiskDiscard discard = DiskDiscard::Default;
    bool force = false; ///< also while the host uses it
};

/// What the names of a guest's disks on a bus start with: "vd", "sd".
constexpr std::string_view target_prefix(DiskBus bus) {
    return bus == DiskBus::Virtio ? "vd" : "sd";
}

/// One [[disk]] table: which disks, and how the guest gets them.
struct DiskRule {
    Rule rule;
    DiskSettings settings;
};

/// How long a guest may claim a port after its device left.
inline constexpr std::chrono::milliseconds grace_default = std::chrono::seconds(10);
inline constexpr std::chrono::milliseconds grace_max = std::chrono::minutes(10);

enum class BackendKind {
    Libvirt,
    Qmp, ///< QEMU by itself, spoken to by its monitor
};

/// Where a guest runs and what it is called there.
struct GuestAddress {
    BackendKind kind = BackendKind::Libvirt;
    std::string target; ///< libvirt connection URI; path of the QMP socket
    std::string domain; ///< libvirt name or UUID; empty where the target has one guest alone

    bool operator==(const GuestAddress&) const = default;
};

/// One guest's file.
struct Guest {
    std::string name; ///< the file's name, the instance of its units
    std::string file;
    GuestAddress address;
    std::int32_t priority = 0; ///< higher wins, then the name
    /// For so long after a device of this guest left a port, it comes first for the next one there.
    std::chrono::milliseconds grace = grace_default;
    /// When it goes off its devices stay with the host, and do not go to the next guest in line.
    bool stay = false;
    std::vector<Rule> usb;
    std::vector<Rule> except; ///< from `usb`; a disk that a [[disk]] rule wants is none of these
    std::vector<DiskRule> disk;
};

} // namespace usb_hotplug
