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

/// A USB device as the rules see it. Strings are as the device gave them: hostile.
struct Device {
    std::string port;    ///< kernel name, "bus-port.port...": "1-4.2"; a root hub is "usb1"
    std::string syspath; ///< "/sys/devices/pci.../usb1/1-4/1-4.2"
    std::string node;    ///< "/dev/bus/usb/001/005"
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

    /// Hubs and root hubs are never handed to a guest.
    [[nodiscard]] bool is_hub() const;
    /// "046d:c52b".
    [[nodiscard]] std::string id_text() const;
    /// Vendor and product names made safe to print, or "" when the device has none.
    [[nodiscard]] std::string name() const;
};

/// Describes the USB device with these udev properties. They are those of udev's built-ins usb_id,
/// hwdb and path_id (50-udev-default.rules) and of the kernel's uevent (drivers/usb/core/usb.c).
/// An error when they are not those of a USB device.
Result<Device> describe(Properties properties, AttributeReader attribute);

/// "3/1/2", as explanations show it.
std::string class_text(const UsbClass& value);

} // namespace usb_hotplug
