// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The machine's USB devices, through sd-device.

#pragma once

#include "base/result.h"
#include "model/device.h"

#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

/// The device with this node ("/dev/bus/usb/001/005"), or nothing when there is none (any more).
Result<std::optional<Device>> find_device(const std::string& node);

/// All USB devices but root hubs, sorted by port.
Result<std::vector<Device>> list_devices();

/// Whether the kernel may use the device: false while usbguard or the like keeps it unauthorised
/// (Documentation/usb/authorization.rst).
bool is_authorised(const Device& device);

} // namespace usb_hotplug
