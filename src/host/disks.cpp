// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/disks.h"

#include "base/text.h"
#include "host/device_handle.h"
#include "host/devices.h"
#include "host/usb_parent.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

using EnumeratorHandle = Handle<sd_device_enumerator, sd_device_enumerator_unref>;

void add_partitions(const std::string& syspath, Disk& disk) {
    std::error_code error;
    fs::directory_iterator entries(syspath, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        std::error_code ignored;
        if (!fs::exists(entries->path() / "partition", ignored)) {
            continue;
        }
        disk.partitions.push_back(entries->path().filename().string());
        sd_device* raw = nullptr;
        const int r = sd_device_new_from_syspath(&raw, entries->path().c_str());
        const DeviceHandle handle(raw);
        const std::string label = r < 0 ? std::string() : label_of(properties_of(raw));
        if (!label.empty()) {
            disk.labels.push_back(label);
        }
    }
    std::sort(disk.partitions.begin(), disk.partitions.end());
}

Result<EnumeratorHandle> enumerate_disks() {
    sd_device_enumerator* raw = nullptr;
    int r = sd_device_enumerator_new(&raw);
    EnumeratorHandle enumerator(raw);
    if (r >= 0) {
        r = sd_device_enumerator_add_match_subsystem(raw, "block", 1);
    }
    if (r >= 0) {
        r = sd_device_enumerator_add_match_property(raw, "DEVTYPE", "disk");
    }
    if (r >= 0) {
        r = sd_device_enumerator_allow_uninitialized(raw);
    }
    if (r < 0) {
        return fail(std::string("Cannot list the disks: ") + std::strerror(-r), -r);
    }
    return enumerator;
}

/// Nothing when it is no disk on a USB device, or is leaving.
std::optional<Device> describe_disk_handle(sd_device* device) {
    const char* syspath = nullptr;
    const char* name = nullptr;
    if (sd_device_get_syspath(device, &syspath) < 0 || sd_device_get_sysname(device, &name) < 0 ||
        std::string_view(name).starts_with("sr")) {
        return std::nullopt;
    }
    const auto usb = usb_parent(syspath);
    if (!usb) {
        return std::nullopt;
    }
    const std::shared_ptr<sd_device> handle(sd_device_ref(device), Deleter<sd_device_unref>());
    auto described = describe_disk(
        properties_of(device),
        [handle](const std::string& attribute) -> std::optional<std::string> {
            const char* text = nullptr;
            if (sd_device_get_sysattr_value(handle.get(), attribute.c_str(), &text) < 0) {
                return std::nullopt;
            }
            return std::string(trim(text));
        },
        *usb);
    if (!described) {
        return std::nullopt;
    }
    add_partitions(described->syspath, *described->disk);
    return std::move(*described);
}

} // namespace

Result<std::optional<Device>> find_disk(const std::string& node) {
    if (!is_disk_node(node)) {
        return std::nullopt;
    }
    // The kernel's name; the node is not asked, as the services have a /dev of their own.
    std::string name = node.substr(std::string_view("/dev/").size());
    std::replace(name.begin(), name.end(), '/', '!');
    sd_device* raw = nullptr;
    const int r = sd_device_new_from_subsystem_sysname(&raw, "block", name.c_str());
    const DeviceHandle handle(raw);
    if (r == -ENODEV || r == -ENOENT || r == -ENXIO || r == -EINVAL) {
        return std::nullopt;
    }
    if (r < 0) {
        return fail("Cannot look up " + printable(node) + ": " + std::strerror(-r), -r);
    }
    return describe_disk_handle(handle.get());
}

Result<std::vector<Device>> list_disks() {
    auto enumerator = enumerate_disks();
    if (!enumerator) {
        return forward(enumerator);
    }
    std::vector<Device> disks;
    for (sd_device* handle = sd_device_enumerator_get_device_first(enumerator->get());
         handle != nullptr; handle = sd_device_enumerator_get_device_next(enumerator->get())) {
        auto disk = is_complete(handle, "ID_SERIAL") ? describe_disk_handle(handle) : std::nullopt;
        if (disk) {
            disks.push_back(std::move(*disk));
        }
    }
    std::sort(disks.begin(), disks.end(), [](const Device& a, const Device& b) {
        return std::pair(a.node.size(), a.node) < std::pair(b.node.size(), b.node);
    });
    return disks;
}

Result<DisksOn> disks_on(const Device& usb) {
    auto enumerator = enumerate_disks();
    if (!enumerator) {
        return forward(enumerator);
    }
    DisksOn found;
    bool any = false;
    bool all = true;
    for (sd_device* handle = sd_device_enumerator_get_device_first(enumerator->get());
         handle != nullptr; handle = sd_device_enumerator_get_device_next(enumerator->get())) {
        const char* syspath = nullptr;
        if (sd_device_get_syspath(handle, &syspath) < 0 ||
            !std::string_view(syspath).starts_with(usb.syspath + "/")) {
            continue;
        }
        any = true;
        all = all && is_complete(handle, "ID_SERIAL");
        auto disk = is_complete(handle, "ID_SERIAL") ? describe_disk_handle(handle) : std::nullopt;
        if (disk) {
            found.disks.push_back(std::move(*disk));
        }
    }
    found.are_known = any && all;
    return found;
}

Result<std::vector<Device>> list_devices_and_disks() {
    auto devices = list_devices();
    if (!devices) {
        return devices;
    }
    auto disks = list_disks();
    if (!disks) {
        return forward(disks);
    }
    std::vector<Device> all;
    for (Device& device : *devices) {
        const std::string port = device.port;
        all.push_back(std::move(device));
        std::copy_if(disks->begin(), disks->end(), std::back_inserter(all),
                     [&](const Device& disk) { return disk.port == port; });
    }
    return all;
}

std::string path_of(const Device& disk) {
    const bool leads_here = disk.disk && !disk.disk->link.empty() && [&] {
        std::error_code error;
        return fs::canonical(disk.disk->link, error) == disk.node;
    }();
    return leads_here ? disk.disk->link : disk.node;
}

} // namespace usb_hotplug
