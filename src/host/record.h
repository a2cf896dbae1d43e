// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Describing a plugged device for another machine.

#pragma once

#include "base/result.h"
#include "learn/description.h"
#include "model/device.h"

namespace usb_hotplug {

/// Describes the device, its interfaces, and its hubs up to the root hub, each with its udev
/// properties, the attributes of a fixed list, and the links that rules ask about: drivers, ports
/// and their peers. Reads no attribute that can wait for the device. An error when a device leaves
/// meanwhile.
Result<Description> record_device(const Device& device);

} // namespace usb_hotplug
