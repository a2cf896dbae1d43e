// SPDX-License-Identifier: LGPL-2.1-or-later
//
// From sd-device to what the rules see. For the files of src/host.

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "model/device.h"

#include <initializer_list>
#include <optional>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>
#include <utility>

namespace usb_hotplug {

using DeviceHandle = Handle<sd_device, sd_device_unref>;

/// All properties of a device.
Properties properties_of(sd_device* device);

/// Nothing when it is no USB device, or is leaving: what cannot be described is as good as gone.
std::optional<Device> describe_handle(sd_device* device);

/// Whether udev has looked at the device, so that it has all its properties and rules see what it
/// is. One that was recorded (umockdev) has no entry in udev's database, but this property of
/// udev's.
bool is_complete(sd_device* device, const char* property);

/// Whether an event is about nothing new: somebody wrote to the device's "uevent" file, as 'udevadm
/// trigger' does (Documentation/ABI/testing/sysfs-uevent).
bool is_synthetic(sd_device* device);

using DeviceMonitor = Handle<sd_device_monitor, sd_device_monitor_unref>;

/// The kernel's SUBSYSTEM and DEVTYPE.
using DeviceKind = std::pair<const char*, const char*>;

/// Calls the handler from the event loop at each event of a device of these kinds, when udev is
/// done with it.
Result<DeviceMonitor> monitor_devices(sd_event* event, std::initializer_list<DeviceKind> kinds,
                                      sd_device_monitor_handler_t handler, void* userdata);

} // namespace usb_hotplug
