// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A USB device for tests, as udev describes it.

#pragma once

#include "model/device.h"

#include <stdexcept>

namespace usb_hotplug::test {

/// A receiver for mouse and keyboard at port 1-4.2.
inline Properties receiver() {
    return {
        {"SUBSYSTEM", "usb"},
        {"DEVTYPE", "usb_device"},
        {"DEVPATH", "/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2"},
        {"DEVNAME", "/dev/bus/usb/001/005"},
        {"BUSNUM", "001"},
        {"DEVNUM", "005"},
        {"PRODUCT", "46d/c52b/1211"},
        {"TYPE", "0/0/0"},
        {"ID_VENDOR_ID", "046d"},
        {"ID_MODEL_ID", "c52b"},
        {"ID_VENDOR_ENC", "Logitech"},
        {"ID_MODEL_ENC", "USB\\x20Receiver"},
        {"ID_SERIAL_SHORT", "4C53AB"},
        {"ID_USB_INTERFACES", ":030101:030102:030000:"},
        {"ID_VENDOR_FROM_DATABASE", "Logitech, Inc."},
        {"ID_MODEL_FROM_DATABASE", "Unifying Receiver"},
        {"ID_PATH", "pci-0000:00:14.0-usb-0:4.2"},
    };
}

/// The same with some properties different; an empty value takes one away.
inline Properties receiver_with(const Properties& changes) {
    Properties properties = receiver();
    for (const auto& [key, value] : changes) {
        properties.erase(key);
        if (!value.empty()) {
            properties.emplace(key, value);
        }
    }
    return properties;
}

/// The device of these properties and attributes, of which "quirk" is an empty one.
inline Device device_with(const Properties& changes = {},
                          const Properties& attributes = {{"bcdDevice", "1211"}, {"quirk", ""}}) {
    auto device =
        describe(receiver_with(changes),
                 [attributes](const std::string& name) -> std::optional<std::string> {
                     const auto found = attributes.find(name);
                     return found == attributes.end() ? std::nullopt : std::optional(found->second);
                 });
    if (!device) {
        throw std::runtime_error(device.error().message);
    }
    return std::move(*device);
}

/// One that has something for every rule key: the receiver with a storage interface, drivers, tags
/// and these attributes besides "removable" and "speed".
inline Device full_device(Properties attributes = {}) {
    attributes.try_emplace("removable", "removable");
    attributes.try_emplace("speed", "12");
    Device device = device_with({{"TYPE", "239/2/1"},
                                 {"ID_USB_INTERFACES", ":030101:030102:080650:"},
                                 {"TAGS", ":systemd:desk:"},
                                 {"CURRENT_TAGS", ":systemd:"}},
                                attributes);
    device.drivers = {"usbhid", "usb-storage"};
    return device;
}

} // namespace usb_hotplug::test
