// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Waiting for USB devices to be plugged in.

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "model/device.h"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>

namespace usb_hotplug {

/// Sees each USB device but hubs that is plugged in since it was opened, when udev is done with it.
class Arrivals {
public:
    static Result<Arrivals> open();

    /// The next device; nothing when none came within `limit`. Without a limit it waits for good.
    Result<std::optional<Device>> next(std::optional<std::chrono::milliseconds> limit);

private:
    using Event = Handle<sd_event, sd_event_unref>;
    using Monitor = Handle<sd_device_monitor, sd_device_monitor_unref>;
    using Queue = std::deque<Device>;

    Arrivals(Event event, Monitor monitor, std::unique_ptr<Queue> queue)
        : event_(std::move(event)), queue_(std::move(queue)), monitor_(std::move(monitor)) {}
    static int arrived(sd_device_monitor* monitor, sd_device* device, void* queue);

    Event event_;
    // On the heap: the monitor keeps its address while this object may move.
    std::unique_ptr<Queue> queue_;
    Monitor monitor_;
};

} // namespace usb_hotplug
