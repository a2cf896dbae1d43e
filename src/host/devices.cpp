// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/devices.h"

#include "base/text.h"
#include "host/device_handle.h"
#include "host/disks.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/sysmacros.h>
#include <systemd/sd-device.h>

namespace usb_hotplug {

namespace {

using EnumeratorHandle = Handle<sd_device_enumerator, sd_device_enumerator_unref>;

/// "1-2" before "1-10": numbers by value.
std::vector<std::uint32_t> port_numbers(const std::string& port) {
    std::vector<std::uint32_t> numbers;
    for (const std::string_view half : split(port, '-')) {
        for (const std::string_view part : split(half, '.')) {
            numbers.push_back(parse_number(part, 10, 9999).value_or(0));
        }
    }
    return numbers;
}

/// The kernel's number of a USB device's node (usbdev_add, drivers/usb/core/devio.c). The node is
/// not asked: the services have a /dev of their own, without it.
std::optional<dev_t> number_of_node(std::string_view node) {
    constexpr std::string_view folder = "/dev/bus/usb/";
    constexpr unsigned int usb_major = 189;
    constexpr unsigned int devices_per_bus = 128;
    if (!node.starts_with(folder)) {
        return std::nullopt;
    }
    const auto parts = split(node.substr(folder.size()), '/');
    const auto bus = parts.size() == 2 ? parse_number(parts[0], 10, 999) : std::nullopt;
    const auto number = bus ? parse_number(parts[1], 10, devices_per_bus - 1) : std::nullopt;
    if (!number || *bus == 0 || *number == 0) {
        return std::nullopt;
    }
    return makedev(usb_major, (*bus - 1) * devices_per_bus + *number - 1);
}

/// "usb2" before "usb10", which have no port numbers.
bool comes_before(const Device& a, const Device& b) {
    return std::pair(port_numbers(a.port), a.bus) < std::pair(port_numbers(b.port), b.bus);
}

} // namespace

Result<std::optional<Device>> find_device(const std::string& node) {
    if (is_disk_node(node)) {
        return find_disk(node);
    }
    const auto number = number_of_node(node);
    if (!number) {
        return std::nullopt;
    }
    sd_device* raw = nullptr;
    const int r = sd_device_new_from_devnum(&raw, 'c', *number);
    const DeviceHandle handle(raw);
    if (r == -ENODEV || r == -ENOENT || r == -ENXIO) {
        return std::nullopt;
    }
    if (r < 0) {
        return fail("Cannot look up " + printable(node) + ": " + std::strerror(-r), -r);
    }
    auto device = describe_handle(handle.get());
    // Each device has one name: "/dev/bus/usb/1/5" is none.
    return device && device->node == node ? std::move(device) : std::nullopt;
}

namespace {

/// The root hubs, or all others.
Result<std::vector<Device>> list_all(bool root_hubs) {
    sd_device_enumerator* raw = nullptr;
    int r = sd_device_enumerator_new(&raw);
    const EnumeratorHandle enumerator(raw);
    if (r >= 0) {
        r = sd_device_enumerator_add_match_subsystem(enumerator.get(), "usb", 1);
    }
    if (r >= 0) {
        r = sd_device_enumerator_add_match_property(enumerator.get(), "DEVTYPE", "usb_device");
    }
    if (r >= 0) {
        r = sd_device_enumerator_allow_uninitialized(enumerator.get());
    }
    if (r < 0) {
        return fail(std::string("Cannot list the USB devices: ") + std::strerror(-r), -r);
    }
    std::vector<Device> devices;
    for (sd_device* handle = sd_device_enumerator_get_device_first(enumerator.get());
         handle != nullptr; handle = sd_device_enumerator_get_device_next(enumerator.get())) {
        auto device = is_complete(handle, "ID_VENDOR_ID") ? describe_handle(handle) : std::nullopt;
        if (device && device->port.starts_with("usb") == root_hubs) {
            devices.push_back(std::move(*device));
        }
    }
    std::sort(devices.begin(), devices.end(), comes_before);
    return devices;
}

} // namespace

Result<std::vector<Device>> list_devices() {
    return list_all(false);
}

Result<std::vector<Device>> list_buses() {
    return list_all(true);
}

namespace {

/// Whether there is something on a block device that was not there before: it is new, or its medium
/// is.
bool has_news(sd_device* device, sd_device_action_t action) {
    const char* value = nullptr;
    return action == SD_DEVICE_ADD ||
           sd_device_get_property_value(device, "DISK_MEDIA_CHANGE", &value) >= 0;
}

/// What an event says to those who watch; nothing for most.
std::optional<DeviceWatch::News> news_of(sd_device* device) {
    sd_device_action_t action = SD_DEVICE_CHANGE;
    const char* subsystem = nullptr;
    const char* path = nullptr;
    if (sd_device_get_action(device, &action) < 0 ||
        sd_device_get_subsystem(device, &subsystem) < 0 ||
        sd_device_get_devpath(device, &path) < 0) {
        return std::nullopt;
    }
    if (action == SD_DEVICE_REMOVE) {
        return DeviceWatch::News::Departed;
    }
    const bool on_usb = std::string_view(path).find("/usb") != std::string_view::npos;
    return std::string_view(subsystem) == "block" && on_usb && has_news(device, action)
               ? std::optional(DeviceWatch::News::DiskArrived)
               : std::nullopt;
}

} // namespace

Result<DeviceWatch> DeviceWatch::open(sd_event* event, Callback callback) {
    auto kept = std::make_unique<Callback>(std::move(callback));
    const auto on_event = [](sd_device_monitor* /*monitor*/, sd_device* device, void* call) {
        if (const auto news = news_of(device)) {
            (*static_cast<Callback*>(call))(*news);
        }
        return 0;
    };
    auto monitor =
        monitor_devices(event, {{"usb", "usb_device"}, {"block", "disk"}, {"block", "partition"}},
                        on_event, kept.get());
    if (!monitor) {
        return forward(monitor);
    }
    return DeviceWatch(std::move(*monitor), std::move(kept));
}

bool is_authorised(const Device& device) {
    return !device.attribute || device.attribute("authorized").value_or("1") != "0";
}

} // namespace usb_hotplug
