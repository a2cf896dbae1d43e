// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Devices that cannot be told apart by their serial number. Many have none of their own: every
// CP2102 comes from the factory with "0001".

#pragma once

#include "model/device.h"
#include "model/rule.h"

#include <string>
#include <vector>

namespace usb_hotplug {

/// A [[usb]] rule that names a serial number, and several plugged devices with one and the same
/// that the guest gets by it.
struct Twins {
    const Guest* guest = nullptr;
    const Rule* rule = nullptr;
    std::string serial;             ///< as the devices say it: hostile
    std::vector<std::string> ports; ///< two or more

    /// "the serial number "0001" is that of several devices, at 1-2 and 1-3", printable.
    [[nodiscard]] std::string what() const;
    /// What can be done about it.
    [[nodiscard]] static std::string advice();
};

/// All of these, in the order of the guests and their rules. `plugged` has all that the rules ask
/// about (questions_of). Points into `guests`. Pure.
std::vector<Twins> find_twins(const std::vector<Guest>& guests, const std::vector<Device>& plugged);

} // namespace usb_hotplug
