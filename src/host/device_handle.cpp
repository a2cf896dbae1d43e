// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/device_handle.h"

#include "base/text.h"

#include <cstring>
#include <memory>

namespace usb_hotplug {

Properties properties_of(sd_device* device) {
    Properties properties;
    const char* value = nullptr;
    for (const char* key = sd_device_get_property_first(device, &value); key != nullptr;
         key = sd_device_get_property_next(device, &value)) {
        properties.emplace(key, value == nullptr ? "" : value);
    }
    return properties;
}

bool is_synthetic(sd_device* device) {
    const char* uuid = nullptr;
    return sd_device_get_property_value(device, "SYNTH_UUID", &uuid) >= 0;
}

bool is_complete(sd_device* device, const char* property) {
    const char* value = nullptr;
    return sd_device_get_is_initialized(device) > 0 ||
           sd_device_get_property_value(device, property, &value) >= 0;
}

std::optional<Device> describe_handle(sd_device* device) {
    const std::shared_ptr<sd_device> handle(sd_device_ref(device), Deleter<sd_device_unref>());
    auto described = describe(
        properties_of(device), [handle](const std::string& name) -> std::optional<std::string> {
            const char* text = nullptr;
            if (sd_device_get_sysattr_value(handle.get(), name.c_str(), &text) < 0) {
                return std::nullopt;
            }
            return std::string(trim(text));
        });
    return described ? std::optional(std::move(*described)) : std::nullopt;
}

Result<DeviceMonitor> monitor_devices(sd_event* event, std::initializer_list<DeviceKind> kinds,
                                      sd_device_monitor_handler_t handler, void* userdata) {
    sd_device_monitor* raw = nullptr;
    int r = sd_device_monitor_new(&raw);
    DeviceMonitor monitor(raw);
    for (const auto& [subsystem, type] : kinds) {
        if (r >= 0) {
            r = sd_device_monitor_filter_add_match_subsystem_devtype(raw, subsystem, type);
        }
    }
    if (r >= 0) {
        r = sd_device_monitor_attach_event(raw, event);
    }
    if (r >= 0) {
        r = sd_device_monitor_start(raw, handler, userdata);
    }
    if (r < 0) {
        return fail(std::string("Cannot watch the devices: ") + std::strerror(-r), -r);
    }
    return monitor;
}

} // namespace usb_hotplug
