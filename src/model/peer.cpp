// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/peer.h"

#include <filesystem>
#include <string_view>
#include <vector>

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

} // namespace

std::string peer_of(const std::string& syspath, const LinkReader& read_link) {
    // From the device's own port upwards: the nearest port that has a peer names the rest.
    std::string rest;
    for (fs::path device = syspath; device.filename().string().find('-') != std::string::npos;
         device = device.parent_path()) {
        for (const fs::path& link : peer_links(device)) {
            const auto target = read_link(link);
            const std::string peer =
                target ? port_of_folder(fs::path(*target).filename()) : std::string();
            if (!peer.empty()) {
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

} // namespace usb_hotplug
