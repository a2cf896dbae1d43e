// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the rules would do to the devices that are plugged in now. Pure.

#pragma once

#include "model/device.h"
#include "model/finding.h"

#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

struct PluggedDevice {
    Device device;                       ///< with all that the rules ask
    std::optional<std::string> host_use; ///< what the host does with it, of host_use()
    bool has_keyboard = false;           ///< of the host, or of the guest that has the device now
};

/// What is plugged in, without root hubs, and what of the host is not.
struct Plugged {
    std::vector<PluggedDevice> devices;
    bool other_keyboard = false; ///< the host has a keyboard that is no USB device
};

/// Finds
///   rule-hub          a rule names hubs, by their class or as one that is plugged in
///   takes-in-use      a rule holds for a device that the host uses
///   takes-keyboard    a rule holds for a keyboard, and no guest leaves the host another one
///   serial-ambiguous  a rule by serial number holds for several devices with the same one
std::vector<Finding> check_devices(const std::vector<Guest>& guests, const Plugged& plugged);

} // namespace usb_hotplug
