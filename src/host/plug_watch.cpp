// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/plug_watch.h"

#include "host/device_handle.h"

#include <cstring>

namespace usb_hotplug {

namespace {

int announced(sd_device_monitor* /*monitor*/, sd_device* device, void* callback) {
    sd_device_action_t action = SD_DEVICE_CHANGE;
    if (sd_device_get_action(device, &action) < 0 || is_synthetic(device) ||
        (action != SD_DEVICE_ADD && action != SD_DEVICE_REMOVE)) {
        return 0;
    }
    if (auto described = describe_handle(device)) {
        (*static_cast<PlugWatch::Callback*>(callback))(
            {action == SD_DEVICE_ADD, std::move(*described)});
    }
    return 0;
}

} // namespace

Result<PlugWatch> PlugWatch::open(sd_event* event, Callback callback) {
    auto kept = std::make_unique<Callback>(std::move(callback));
    sd_device_monitor* raw = nullptr;
    int r = sd_device_monitor_new(&raw);
    Monitor monitor(raw);
    if (r >= 0) {
        r = sd_device_monitor_filter_add_match_subsystem_devtype(raw, "usb", "usb_device");
    }
    if (r >= 0) {
        r = sd_device_monitor_attach_event(raw, event);
    }
    if (r >= 0) {
        r = sd_device_monitor_start(raw, announced, kept.get());
    }
    if (r < 0) {
        return fail(std::string("Cannot watch the USB devices: ") + std::strerror(-r), -r);
    }
    return PlugWatch(std::move(monitor), std::move(kept));
}

} // namespace usb_hotplug
