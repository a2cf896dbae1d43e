// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/answers.h"

#include "base/unit_name.h"
#include "model/peer.h"

#include <algorithm>
#include <filesystem>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

/// Not usbfs, by which user space claims an interface.
std::vector<std::string> bound_drivers(const std::string& syspath) {
    std::vector<std::string> drivers;
    std::error_code error;
    fs::directory_iterator entries(syspath, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        // "1-4.2:1.0" has a colon; so does nothing else with a driver in a USB device's folder.
        if (entries->path().filename().string().find(':') == std::string::npos) {
            continue;
        }
        std::error_code none;
        const fs::path driver = fs::read_symlink(entries->path() / "driver", none);
        if (!none && driver.filename() != "usbfs") {
            drivers.push_back(driver.filename());
        }
    }
    return drivers;
}

} // namespace

std::string peer_of(const std::string& syspath) {
    return peer_of(syspath, [](const std::string& path) -> std::optional<std::string> {
        std::error_code error;
        const fs::path target = fs::read_symlink(path, error);
        return error ? std::nullopt : std::optional(target.string());
    });
}

std::vector<std::string> drivers_of(const std::string& syspath, const std::string& instance,
                                    const std::string& plug, const State& state) {
    std::vector<std::string> drivers = bound_drivers(syspath);
    const auto record = state.read_record(instance);
    if (record && *record && !plug.empty() && (*record)->plug == plug) {
        drivers.insert(drivers.end(), (*record)->drivers.begin(), (*record)->drivers.end());
    }
    std::sort(drivers.begin(), drivers.end());
    drivers.erase(std::unique(drivers.begin(), drivers.end()), drivers.end());
    return drivers;
}

std::string usb_folder(const Device& device) {
    const std::size_t port =
        device.disk ? device.syspath.find("/" + device.port + "/") : std::string::npos;
    return port == std::string::npos ? device.syspath
                                     : device.syspath.substr(0, port + 1 + device.port.size());
}

std::optional<Tenant> tenant_of(const Device& device, const State& state) {
    const auto departure = state.read_departure(device.port);
    for (const AttachRecord& record : state.records()) {
        const bool here = record.port == device.port || record.peer == device.port;
        const bool is_disk = is_disk_node(unescape_path(record.instance).value_or(""));
        const bool left = here && !is_disk && plug_id(record.syspath) != record.plug;
        if (left && !(departure && departure->plug == record.plug)) {
            return Tenant{record.guest, std::chrono::milliseconds(0)};
        }
    }
    if (!departure) {
        return std::nullopt;
    }
    return Tenant{departure->guest, now_since_boot() - departure->when};
}

void answer(const Questions& questions, const State& state, Device& device) {
    if (questions.peer) {
        device.peer = peer_of(usb_folder(device));
    }
    if (questions.drivers && !device.disk) {
        device.drivers =
            drivers_of(device.syspath, escape_path(device.node), plug_id(device.syspath), state);
    }
}

} // namespace usb_hotplug
