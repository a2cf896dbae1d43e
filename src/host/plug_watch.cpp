// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/plug_watch.h"

#include "host/device_handle.h"

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
    auto monitor = monitor_devices(event, {{"usb", "usb_device"}}, announced, kept.get());
    if (!monitor) {
        return forward(monitor);
    }
    return PlugWatch(std::move(*monitor), std::move(kept));
}

} // namespace usb_hotplug
