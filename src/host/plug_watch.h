// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Seeing USB devices come and go.

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "model/device.h"

#include <functional>
#include <memory>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>

namespace usb_hotplug {

/// What happened to a device. Of one that left, its properties may be the kernel's alone.
struct PlugEvent {
    bool is_arrival = false;
    Device device;
};

/// Calls back from the event loop when a USB device was plugged in, as soon as udev is done with
/// it, or has left, for as long as it lives. Hubs count.
class PlugWatch {
public:
    using Callback = std::function<void(PlugEvent)>;
    static Result<PlugWatch> open(sd_event* event, Callback callback);

private:
    using Monitor = Handle<sd_device_monitor, sd_device_monitor_unref>;
    PlugWatch(Monitor monitor, std::unique_ptr<Callback> callback)
        : callback_(std::move(callback)), monitor_(std::move(monitor)) {}

    // On the heap: the monitor keeps its address while this object may move.
    std::unique_ptr<Callback> callback_;
    Monitor monitor_;
};

} // namespace usb_hotplug
