// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/arrivals.h"

#include "host/device_handle.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace usb_hotplug {

namespace {

using Clock = std::chrono::steady_clock;

tl::unexpected<Error> cannot_wait(int r) {
    return fail(std::string("Cannot wait for USB devices: ") + std::strerror(-r), -r);
}

} // namespace

int Arrivals::arrived(sd_device_monitor* /*monitor*/, sd_device* device, void* queue) {
    sd_device_action_t action = SD_DEVICE_CHANGE;
    if (sd_device_get_action(device, &action) < 0 || action != SD_DEVICE_ADD) {
        return 0;
    }
    if (auto described = describe_handle(device); described && !described->is_hub()) {
        static_cast<Queue*>(queue)->push_back(std::move(*described));
    }
    return 0;
}

Result<Arrivals> Arrivals::open() {
    sd_event* raw_event = nullptr;
    int r = sd_event_new(&raw_event);
    Event event(raw_event);
    sd_device_monitor* raw_monitor = nullptr;
    if (r >= 0) {
        r = sd_device_monitor_new(&raw_monitor);
    }
    Monitor monitor(raw_monitor);
    auto queue = std::make_unique<Queue>();
    if (r >= 0) {
        r = sd_device_monitor_filter_add_match_subsystem_devtype(raw_monitor, "usb", "usb_device");
    }
    if (r >= 0) {
        r = sd_device_monitor_attach_event(raw_monitor, raw_event);
    }
    if (r >= 0) {
        r = sd_device_monitor_start(raw_monitor, arrived, queue.get());
    }
    if (r < 0) {
        return cannot_wait(r);
    }
    return Arrivals(std::move(event), std::move(monitor), std::move(queue));
}

Result<std::optional<Device>> Arrivals::next(std::optional<std::chrono::milliseconds> limit) {
    using std::chrono::microseconds;
    const auto end = Clock::now() + limit.value_or(std::chrono::milliseconds(0));
    while (queue_->empty()) {
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
    Device device = std::move(queue_->front());
    queue_->pop_front();
    return device;
}

} // namespace usb_hotplug
