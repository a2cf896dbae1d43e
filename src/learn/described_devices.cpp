// SPDX-License-Identifier: LGPL-2.1-or-later
//
// From a description to what the rules see: what host/devices and host/answers do for the devices
// of this machine.

#include "base/text.h"
#include "learn/description.h"
#include "model/peer.h"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

/// All links of a description, by their place in /sys.
using Links = std::map<std::string, std::string, std::less<>>;

Links links_of(const Description& description) {
    Links links;
    for (const DescribedDevice& device : description) {
        for (const auto& [name, target] : device.links) {
            links.emplace("/sys" + device.path + "/" + name, target);
        }
    }
    return links;
}

/// Of a folder that is a link itself, as ".../1-4/port" is, the real one counts.
std::optional<std::string> read_link(const Links& links, const std::string& path) {
    auto found = links.find(path);
    const fs::path folder = fs::path(path).parent_path();
    const auto folder_link = links.find(folder.string());
    if (found == links.end() && folder_link != links.end()) {
        const fs::path real = (folder.parent_path() / folder_link->second).lexically_normal();
        found = links.find((real / fs::path(path).filename()).string());
    }
    return found == links.end() ? std::nullopt : std::optional(found->second);
}

/// Of its interfaces, without usbfs, as host/answers finds them.
std::vector<std::string> drivers_of(const DescribedDevice& device, const Description& description) {
    std::vector<std::string> drivers;
    for (const DescribedDevice& other : description) {
        const std::string prefix = device.path + "/";
        const bool is_interface = other.path.starts_with(prefix) &&
                                  other.path.find('/', prefix.size()) == std::string::npos &&
                                  other.path.find(':', prefix.size()) != std::string::npos;
        const auto link = other.links.find("driver");
        if (!is_interface || link == other.links.end()) {
            continue;
        }
        std::string driver = fs::path(link->second).filename();
        if (driver != "usbfs" && !driver.empty()) {
            drivers.push_back(std::move(driver));
        }
    }
    std::sort(drivers.begin(), drivers.end());
    drivers.erase(std::unique(drivers.begin(), drivers.end()), drivers.end());
    return drivers;
}

/// "1-4.2". Root hubs have other names, and a file can have any.
bool is_port(std::string_view text) {
    return text.find('-') != std::string_view::npos &&
           text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

} // namespace

std::vector<Device> described_devices(const Description& description) {
    const Links links = links_of(description);
    std::vector<Device> devices;
    for (const DescribedDevice& described : description) {
        Properties properties = described.properties;
        properties.insert_or_assign("DEVPATH", described.path);
        const auto attributes =
            std::make_shared<const DescribedDevice::Texts>(described.attributes);
        auto device = describe(std::move(properties),
                               [attributes](const std::string& name) -> std::optional<std::string> {
                                   const auto found = attributes->find(name);
                                   return found == attributes->end()
                                              ? std::nullopt
                                              : std::optional(std::string(trim(found->second)));
                               });
        if (device && is_port(device->port)) {
            device->peer = peer_of(device->syspath,
                                   [&](const std::string& path) { return read_link(links, path); });
            device->drivers = drivers_of(described, description);
            devices.push_back(std::move(*device));
        }
    }
    return devices;
}

} // namespace usb_hotplug
