// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The machine's USB devices, through sd-device.

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "model/device.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <systemd/sd-device.h>
#include <vector>

namespace usb_hotplug {

/// The device or the disk with this node ("/dev/bus/usb/001/005", "/dev/sdb"), or nothing when
/// there is none (any more).
Result<std::optional<Device>> find_device(const std::string& node);

/// All USB devices but root hubs, sorted by port.
Result<std::vector<Device>> list_devices();

/// The root hubs, "usb1" and so on: one for each bus.
Result<std::vector<Device>> list_buses();

/// Whether the kernel may use the device: false while usbguard or the like keeps it unauthorised
/// (Documentation/usb/authorization.rst).
bool is_authorised(const Device& device);

/// Calls back from the event loop whenever a USB device or a disk has left, or a disk, a partition
/// or a medium has come, for as long as it lives.
class DeviceWatch {
public:
    enum class News { Departed, DiskArrived };
    using Callback = std::function<void(News)>;
    static Result<DeviceWatch> open(sd_event* event, Callback callback);

private:
    using Monitor = Handle<sd_device_monitor, sd_device_monitor_unref>;
    DeviceWatch(Monitor monitor, std::unique_ptr<Callback> callback)
        : callback_(std::move(callback)), monitor_(std::move(monitor)) {}

    // On the heap: the monitor keeps its address while this object may move.
    std::unique_ptr<Callback> callback_;
    Monitor monitor_;
};

} // namespace usb_hotplug
