// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/answers.h"

#include "base/unit_name.h"

#include <algorithm>
#include <filesystem>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

/// "2-4" of "usb2-port4", "2-4.2" of "2-4-port2"; empty for anything else.
std::string port_of_folder(const std::string& folder) {
    constexpr std::string_view infix = "-port";
    const std::size_t found = folder.rfind(infix);
    if (found == std::string::npos) {
        return {};
    }
    const std::string hub = folder.substr(0, found);
    const std::string number = folder.substr(found + infix.size());
    return hub.starts_with("usb") ? hub.substr(3) + "-" + number : hub + "." + number;
}

/// Where the kernel has the "peer" link of the port that a device is plugged into. The hub's
/// interface is nearly always the first of configuration 1. The device's own link to its port says
/// it in any case, but is made only after the device was announced.
std::vector<fs::path> peer_links(const fs::path& device) {
    const std::string name = device.filename();
    const fs::path hub = device.parent_path();
    const std::string hub_name = hub.filename();
    const bool root = hub_name.starts_with("usb");
    const std::string number = name.substr(name.find_last_of("-.") + 1);
    const std::string interface = (root ? hub_name.substr(3) + "-0" : hub_name) + ":1.0";
    return {hub / interface / (hub_name + "-port" + number) / "peer", device / "port" / "peer"};
}

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
    // From the device's own port upwards: the nearest port that has a peer names the rest.
    std::string rest;
    for (fs::path device = syspath; device.filename().string().find('-') != std::string::npos;
         device = device.parent_path()) {
        for (const fs::path& link : peer_links(device)) {
            std::error_code error;
            const std::string peer = port_of_folder(fs::read_symlink(link, error).filename());
            if (!error && !peer.empty()) {
                return peer + rest;
            }
        }
        const std::string name = device.filename();
        const std::size_t dot = name.find_last_of('.');
        if (dot == std::string::npos) {
            break;
        }
        rest.insert(0, name, dot);
    }
    return {};
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

std::optional<Tenant> tenant_of(const Device& device, const State& state) {
    const auto departure = state.read_departure(device.port);
    for (const AttachRecord& record : state.records()) {
        const bool here = record.port == device.port || record.peer == device.port;
        const bool left = here && plug_id(record.syspath) != record.plug;
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
        device.peer = peer_of(device.syspath);
    }
    if (questions.drivers) {
        device.drivers =
            drivers_of(device.syspath, escape_path(device.node), plug_id(device.syspath), state);
    }
}

} // namespace usb_hotplug
