// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the rules see of a USB device. Pure: made from udev's properties, wherever they come from
// (the environment of a udev program, sd-device, a recording), and a way to read sysfs attributes.

#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

using Properties = std::map<std::string, std::string, std::less<>>;

/// Empty when there is none by this name.
std::string property_of(const Properties& properties, std::string_view key);

/// Reads one sysfs attribute by name; nothing when the device has no such attribute. Called only
/// for attributes that a rule names, because reading some attributes of some devices blocks.
using AttributeReader = std::function<std::optional<std::string>(const std::string& name)>;

/// Vendor and product number (USB 2.0 specification, table 9-8).
struct UsbId {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
};

/// Class, subclass and protocol of a device or of an interface (USB 2.0, tables 9-8 and 9-12).
struct UsbClass {
    std::uint8_t base = 0;
    std::uint8_t subclass = 0;
    std::uint8_t protocol = 0;
};

/// bDeviceClass and bInterfaceClass of a hub (USB 2.0, section 11.23).
inline constexpr std::uint8_t usb_class_hub = 9;

/// bInterfaceClass of mass storage.
inline constexpr std::uint8_t usb_class_storage = 8;

/// What the rules see of a disk beside the USB device that it is on. Strings are hostile.
struct Disk {
    std::string name;                 ///< kernel name, "sdb"
    std::string link;                 ///< "/dev/disk/by-id/usb-..."; empty when udev made none
    std::string serial;               ///< the short one, to be shown; may be empty
    std::vector<std::string> serials; ///< all that it may be called by
    std::vector<std::string> wwns;
    std::vector<std::string> labels;     ///< of its file system and of those on its partitions
    std::vector<std::string> partitions; ///< kernel names, "sdb1"
    std::uint64_t bytes = 0;             ///< 0 when there is no medium
};

/// A USB device, or a disk on one, as the rules see it. Strings are as the device gave them:
/// hostile. Of a disk, the port, the bus, the id and the names are those of the USB device, the
/// rest is its own.
struct Device {
    std::string port;    ///< kernel name, "bus-port.port...": "1-4.2"; a root hub is "usb1"
    std::string syspath; ///< "/sys/devices/pci.../usb1/1-4/1-4.2"
    std::string node;    ///< "/dev/bus/usb/001/005", "/dev/sdb"
    std::uint32_t bus = 0;
    std::uint32_t number = 0; ///< device number on its bus, 1 to 127, new at every plug
    UsbId id;
    std::string vendor;  ///< the device's own string, else the hardware database's; may be empty
    std::string product; ///< likewise
    std::string serial;  ///< may be empty
    UsbClass device_class;
    std::vector<UsbClass> interfaces; ///< of all configurations and alternate settings
    Properties properties;
    AttributeReader attribute;
    /// The port's other name, as a USB 3 connector is a port of two buses: "2-4.2". Empty when it
    /// has none, or when no rule asks.
    std::string peer;
    /// Kernel drivers of its interfaces, or those they had before a guest got it. Empty when it has
    /// none, or when no rule asks.
    std::vector<std::string> drivers;
    std::optional<Disk> disk; ///< set for a disk

    /// Hubs and root hubs are never handed to a guest.
    [[nodiscard]] bool is_hub() const;
    /// Whether disks can be on it: one of its interfaces is mass storage.
    [[nodiscard]] bool is_storage() const;
    /// "046d:c52b".
    [[nodiscard]] std::string id_text() const;
    /// Vendor and product names made safe to print, or "" when the device has none.
    [[nodiscard]] std::string name() const;
};

/// Describes the USB device with these udev properties. They are those of udev's built-ins usb_id,
/// hwdb and path_id (50-udev-default.rules) and of the kernel's uevent (drivers/usb/core/usb.c).
/// An error when they are not those of a USB device.
Result<Device> describe(Properties properties, AttributeReader attribute);

/// Describes the disk with these udev properties, on this USB device. They are those of the
/// kernel's uevent and of 60-persistent-storage.rules. An error when they are not a whole disk's.
Result<Device> describe_disk(Properties properties, AttributeReader attribute, const Device& usb);

/// The label of the file system on a block device with these properties; empty when it has none.
std::string label_of(const Properties& properties);

/// Whether a device node is a disk's: "/dev/sdb", not "/dev/bus/usb/001/005".
bool is_disk_node(std::string_view node);

/// "/dev/sdb" of the kernel's "sdb"; '!' stands for a slash there.
std::string disk_node(std::string_view name);

/// "58.6 GiB".
std::string size_text(std::uint64_t bytes);

/// "3/1/2", as explanations show it.
std::string class_text(const UsbClass& value);

} // namespace usb_hotplug
