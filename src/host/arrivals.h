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
#include <set>
#include <string>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>

namespace usb_hotplug {

/// Sees each USB device but hubs that is plugged in since it was opened, when udev is done with it.
/// What 'udevadm trigger' announces was there before.
class Arrivals {
public:
    static Result<Arrivals> open();

    /// The next device; nothing when none came within `limit`. Without a limit it waits for good.
    Result<std::optional<Device>> next(std::optional<std::chrono::milliseconds> limit);

private:
    using Event = Handle<sd_event, sd_event_unref>;
    using Monitor = Handle<sd_device_monitor, sd_device_monitor_unref>;
    struct Seen {
        std::set<std::string> before; ///< what was there when it was opened
        std::deque<Device> since;
    };

    Arrivals(Event event, Monitor monitor, std::unique_ptr<Seen> seen)
        : event_(std::move(event)), seen_(std::move(seen)), monitor_(std::move(monitor)) {}
    static int arrived(sd_device_monitor* monitor, sd_device* device, void* seen);

    Event event_;
    // On the heap: the monitor keeps its address while this object may move.
    std::unique_ptr<Seen> seen_;
    Monitor monitor_;
};

} // namespace usb_hotplug
