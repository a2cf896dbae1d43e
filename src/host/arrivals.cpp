// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/arrivals.h"

#include "host/device_handle.h"
#include "host/devices.h"
#include "host/state.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace usb_hotplug {

namespace {

using Clock = std::chrono::steady_clock;

tl::unexpected<Error> cannot_wait(int r) {
    return fail(std::string("Cannot wait for USB devices: ") + std::strerror(-r), -r);
}

/// The same for as long as a device stays plugged in.
std::string plugging_of(const Device& device) {
    return device.syspath + ' ' + plug_id(device.syspath);
}

} // namespace

int Arrivals::arrived(sd_device_monitor* /*monitor*/, sd_device* device, void* seen) {
    sd_device_action_t action = SD_DEVICE_CHANGE;
    if (sd_device_get_action(device, &action) < 0 || action != SD_DEVICE_ADD ||
        is_synthetic(device)) {
        return 0;
    }
    Seen& all = *static_cast<Seen*>(seen);
    auto described = describe_handle(device);
    if (described && !described->is_hub() && !all.before.contains(plugging_of(*described))) {
        all.since.push_back(std::move(*described));
    }
    return 0;
}

Result<Arrivals> Arrivals::open() {
    auto seen = std::make_unique<Seen>();
    // Before the monitor starts: what comes in between is new.
    auto plugged = list_devices();
    if (!plugged) {
        return forward(plugged);
    }
    for (const Device& device : *plugged) {
        seen->before.insert(plugging_of(device));
    }
    sd_event* raw_event = nullptr;
    const int r = sd_event_new(&raw_event);
    Event event(raw_event);
    if (r < 0) {
        return cannot_wait(r);
    }
    auto monitor = monitor_devices(raw_event, {{"usb", "usb_device"}}, arrived, seen.get());
    if (!monitor) {
        return cannot_wait(-monitor.error().code);
    }
    return Arrivals(std::move(event), std::move(*monitor), std::move(seen));
}

Result<std::optional<Device>> Arrivals::next(std::optional<std::chrono::milliseconds> limit) {
    using std::chrono::microseconds;
    const auto end = Clock::now() + limit.value_or(std::chrono::milliseconds(0));
    while (seen_->since.empty()) {
        std::uint64_t wait = UINT64_MAX; // for good
        if (limit) {
            const auto left = std::chrono::ceil<microseconds>(end - Clock::now());
            if (left <= microseconds(0)) {
                return std::nullopt;
            }
            wait = static_cast<std::uint64_t>(left.count());
        }
        if (const int r = sd_event_run(event_.get(), wait); r < 0) {
            return cannot_wait(r);
        }
    }
    Device device = std::move(seen_->since.front());
    seen_->since.pop_front();
    return device;
}

} // namespace usb_hotplug
