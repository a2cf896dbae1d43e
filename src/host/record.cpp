// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/record.h"

#include "base/file.h"
#include "base/text.h"
#include "host/device_handle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t attribute_max = 4096;

/// Attributes of devices and interfaces that the kernel answers from memory
/// (drivers/usb/core/sysfs.c). Others wait for the device's lock, or for the device.
// clang-format off
constexpr auto cheap_attributes = std::to_array<std::string_view>({
    "authorized", "avoid_reset_quirk", "bAlternateSetting", "bDeviceClass", "bDeviceProtocol",
    "bDeviceSubClass", "bInterfaceClass", "bInterfaceNumber", "bInterfaceProtocol",
    "bInterfaceSubClass", "bMaxPacketSize0", "bNumConfigurations", "bNumEndpoints", "bcdDevice",
    "busnum", "dev", "devnum", "devpath", "idProduct", "idVendor", "ltm_capable", "maxchild",
    "quirks", "removable", "speed", "version"});
// clang-format on

/// The device's texts as sysfs has them. To read them there waits for the device's lock, which is
/// held as long as a driver is stuck; udev has read them when the device was plugged in.
void add_texts(const Properties& properties, DescribedDevice::Texts& attributes) {
    constexpr std::array<std::array<std::string_view, 3>, 3> sources = {
        {{"manufacturer", "ID_VENDOR_ENC", "ID_VENDOR_ID"},
         {"product", "ID_MODEL_ENC", "ID_MODEL_ID"},
         {"serial", "ID_SERIAL_SHORT", ""}}};
    for (const auto& [attribute, source, number] : sources) {
        const auto text = properties.find(source);
        const auto id = properties.find(number);
        // udev puts the number in place of a missing text.
        if (text != properties.end() && (id == properties.end() || text->second != id->second)) {
            attributes.emplace(attribute, decode_udev(text->second) + "\n");
        }
    }
}

/// What is no property of the device, but of how udev dealt with it.
bool is_about_udev(std::string_view key) {
    return key == "DEVPATH" || key == "ACTION" || key == "SEQNUM" || key == "UDEV_LOG" ||
           key == "USEC_INITIALIZED";
}

std::optional<std::string> link_at(const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    return error ? std::nullopt : std::optional(target.string());
}

/// Describes the device or interface in a folder.
Result<DescribedDevice> record_folder(const std::string& syspath) {
    sd_device* raw = nullptr;
    const int r = sd_device_new_from_syspath(&raw, syspath.c_str());
    const DeviceHandle handle(raw);
    if (r < 0) {
        return fail("Cannot describe " + printable(syspath, 1024) + ": " + std::strerror(-r) +
                        "; was the device unplugged?",
                    -r);
    }
    DescribedDevice described;
    described.path = syspath.substr(std::string_view("/sys").size());
    described.properties = properties_of(handle.get());
    std::erase_if(described.properties,
                  [](const auto& property) { return is_about_udev(property.first); });
    if (const auto node = described.properties.find("DEVNAME");
        node != described.properties.end() && node->second.starts_with("/dev/")) {
        described.node = node->second.substr(std::string_view("/dev/").size());
    }
    for (const std::string_view name : cheap_attributes) {
        std::string key(name);
        if (auto content = read_file(fs::path(syspath) / key, attribute_max)) {
            described.attributes.emplace(std::move(key), std::move(*content));
        }
    }
    if (described.attributes.contains("idVendor")) { // no interface
        add_texts(described.properties, described.attributes);
    }
    return described;
}

/// The folders of a device's interfaces, "1-4:1.0", sorted.
std::vector<std::string> interface_folders(const std::string& syspath) {
    std::vector<std::string> folders;
    const std::string prefix = fs::path(syspath).filename().string() + ":";
    std::error_code error;
    fs::directory_iterator entries(syspath, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        if (entries->path().filename().string().starts_with(prefix)) {
            folders.push_back(entries->path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

Result<> add_device(const std::string& syspath, Description& description) {
    auto described = record_folder(syspath);
    if (!described) {
        return forward(described);
    }
    if (auto port = link_at(fs::path(syspath) / "port")) {
        described->links.emplace("port", std::move(*port));
    }
    description.push_back(std::move(*described));
    return {};
}

Result<> add_interfaces(const std::string& syspath, Description& description) {
    for (const std::string& folder : interface_folders(syspath)) {
        auto described = record_folder(folder);
        if (!described) {
            return forward(described);
        }
        if (auto driver = link_at(fs::path(folder) / "driver")) {
            described->links.emplace("driver", std::move(*driver));
        }
        description.push_back(std::move(*described));
    }
    return {};
}

/// The interface of the hub that the device's port belongs to, if that port is half of a
/// connector. The port's folder ("usb1-port4") is the interface's.
Result<> add_peer_port(const std::string& syspath, Description& description) {
    const auto port = link_at(fs::path(syspath) / "port");
    if (!port) {
        return {};
    }
    const fs::path folder = (fs::path(syspath) / *port).lexically_normal();
    auto peer = link_at(folder / "peer");
    if (!peer) {
        return {};
    }
    auto described = record_folder(folder.parent_path());
    if (!described) {
        return forward(described);
    }
    described->links.emplace(folder.filename().string() + "/peer", std::move(*peer));
    description.push_back(std::move(*described));
    return {};
}

} // namespace

Result<Description> record_device(const Device& device) {
    Description description;
    auto added = add_device(device.syspath, description);
    if (added) {
        added = add_interfaces(device.syspath, description);
    }
    // Upwards, hub by hub, as umockdev-record does it: the first device is the one that is meant.
    std::string below = device.syspath;
    while (added && fs::path(below).filename().string().find('-') != std::string::npos) {
        const std::string hub = fs::path(below).parent_path();
        added = add_device(hub, description);
        if (added) {
            added = add_peer_port(below, description);
        }
        below = hub;
    }
    if (!added) {
        return forward(added);
    }
    return description;
}

} // namespace usb_hotplug
