// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The USB device that a disk is on, from sysfs alone: usb-hotplug-match needs it, and has only the
// disk's properties.

#pragma once

#include "model/device.h"

#include <optional>
#include <string>

namespace usb_hotplug {

/// The USB device above what is at this folder of /sys, described by what it says of itself: its
/// names are its own, never the hardware database's. Nothing when it is on no USB device.
std::optional<Device> usb_parent(const std::string& syspath);

} // namespace usb_hotplug
