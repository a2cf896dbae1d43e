// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the matches of a udev rule are as conditions of our rules.

#pragma once

#include "import/udev_rules.h"

#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug::imports {

struct Matches {
    /// The conditions, all of which must hold. None is every USB device.
    Keys keys;
    /// Why the rule does nothing for a USB device that is plugged in.
    std::optional<std::string> never;
    /// The match that is no condition, and why.
    std::optional<std::string> lost;
    /// Where the conditions decide otherwise.
    std::vector<std::string> differs;
    /// What could be said instead.
    std::vector<std::string> hints;
};

Matches matches_of(const UdevRule& rule);

} // namespace usb_hotplug::imports
