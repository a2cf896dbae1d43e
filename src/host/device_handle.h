// SPDX-License-Identifier: LGPL-2.1-or-later
//
// From sd-device to what the rules see. For the files of src/host.

#pragma once

#include "base/handles.h"
#include "model/device.h"

#include <optional>
#include <systemd/sd-device.h>

namespace usb_hotplug {

using DeviceHandle = Handle<sd_device, sd_device_unref>;

/// All properties of a device.
Properties properties_of(sd_device* device);

/// Nothing when it is no USB device, or is leaving: what cannot be described is as good as gone.
std::optional<Device> describe_handle(sd_device* device);

/// Whether an event is about nothing new: somebody wrote to the device's "uevent" file, as 'udevadm
/// trigger' does (Documentation/ABI/testing/sysfs-uevent).
bool is_synthetic(sd_device* device);

} // namespace usb_hotplug
