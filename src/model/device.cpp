// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/device.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

/// The device's own string in udev's lossless encoding, else the hardware database's name. udev
/// puts the number in place of a missing string; that is no name.
std::string name_of(const Properties& properties, const std::string& what) {
    const std::string own = decode_udev(property_of(properties, "ID_" + what + "_ENC"));
    const auto trimmed = trim(own);
    if (!trimmed.empty() && trimmed != property_of(properties, "ID_" + what + "_ID")) {
        return std::string(trimmed);
    }
    return property_of(properties, "ID_" + what + "_FROM_DATABASE");
}

/// udev leaves ID_SERIAL_SHORT out when the serial has unusual bytes; sysfs always has it.
std::string serial_of(const Properties& properties, const AttributeReader& attribute) {
    std::string serial = property_of(properties, "ID_SERIAL_SHORT");
    if (serial.empty() && attribute) {
        serial = attribute("serial").value_or("");
    }
    return serial;
}

/// The kernel's TYPE=class/subclass/protocol, in decimal.
UsbClass parse_type(std::string_view text) {
    const auto parts = split(text, '/');
    const auto part = [&](std::size_t i) {
        const auto value = i < parts.size() ? parse_number(parts[i], 10, 255) : std::nullopt;
        return static_cast<std::uint8_t>(value.value_or(0));
    };
    return {part(0), part(1), part(2)};
}

/// ID_USB_INTERFACES=":030102:080650:".
std::vector<UsbClass> parse_interfaces(std::string_view text) {
    std::vector<UsbClass> interfaces;
    for (const std::string_view part : split(text, ':')) {
        const auto value = part.size() == 6 ? parse_number(part, 16, 0xffffff) : std::nullopt;
        if (value) {
            interfaces.push_back({static_cast<std::uint8_t>(*value >> 16U),
                                  static_cast<std::uint8_t>(*value >> 8U & 0xffU),
                                  static_cast<std::uint8_t>(*value & 0xffU)});
        }
    }
    return interfaces;
}

/// The kernel's PRODUCT=vendor/product/bcdDevice, in hexadecimal without leading zeros.
std::optional<UsbId> parse_product(std::string_view text) {
    const auto parts = split(text, '/');
    if (parts.size() != 3) {
        return std::nullopt;
    }
    const auto vendor = parse_number(parts[0], 16, 0xffff);
    const auto product = parse_number(parts[1], 16, 0xffff);
    if (!vendor || !product) {
        return std::nullopt;
    }
    return UsbId{static_cast<std::uint16_t>(*vendor), static_cast<std::uint16_t>(*product)};
}

} // namespace

std::string property_of(const Properties& properties, std::string_view key) {
    const auto found = properties.find(key);
    return found == properties.end() ? std::string() : found->second;
}

bool Device::is_hub() const {
    return port.starts_with("usb") || device_class.base == usb_class_hub ||
           std::any_of(interfaces.begin(), interfaces.end(),
                       [](const UsbClass& i) { return i.base == usb_class_hub; });
}

bool Device::is_storage() const {
    return std::any_of(interfaces.begin(), interfaces.end(),
                       [](const UsbClass& i) { return i.base == usb_class_storage; });
}

std::string Device::id_text() const {
    return hex(id.vendor, 4) + ":" + hex(id.product, 4);
}

std::string Device::name() const {
    return printable(trim(vendor + " " + product));
}

Result<Device> describe(Properties properties, AttributeReader attribute) {
    if (property_of(properties, "SUBSYSTEM") != "usb" ||
        property_of(properties, "DEVTYPE") != "usb_device") {
        return fail("Not a USB device: SUBSYSTEM is '" +
                    printable(property_of(properties, "SUBSYSTEM")) + "', DEVTYPE is '" +
                    printable(property_of(properties, "DEVTYPE")) + "'");
    }
    const std::string devpath = property_of(properties, "DEVPATH");
    const auto bus = parse_number(property_of(properties, "BUSNUM"), 10, 999);
    const auto number = parse_number(property_of(properties, "DEVNUM"), 10, 127);
    const auto id = parse_product(property_of(properties, "PRODUCT"));
    if (devpath.find('/') == std::string::npos || !bus || !number || !id) {
        return fail("USB device " + printable(devpath) +
                    " has no usable DEVPATH, BUSNUM, DEVNUM and PRODUCT property");
    }
    Device device;
    device.port = devpath.substr(devpath.rfind('/') + 1);
    device.syspath = "/sys" + devpath;
    // As the kernel names it (drivers/usb/core/usb.c, usb_devnode).
    device.node = "/dev/bus/usb/" + decimal(*bus, 3) + "/" + decimal(*number, 3);
    device.bus = *bus;
    device.number = *number;
    device.id = *id;
    device.vendor = name_of(properties, "VENDOR");
    device.product = name_of(properties, "MODEL");
    device.serial = serial_of(properties, attribute);
    device.device_class = parse_type(property_of(properties, "TYPE"));
    device.interfaces = parse_interfaces(property_of(properties, "ID_USB_INTERFACES"));
    device.properties = std::move(properties);
    device.attribute = std::move(attribute);
    return device;
}

std::string class_text(const UsbClass& value) {
    return std::to_string(value.base) + "/" + std::to_string(value.subclass) + "/" +
           std::to_string(value.protocol);
}

} // namespace usb_hotplug
