// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/usb_parent.h"

#include "base/file.h"
#include "base/text.h"

#include <filesystem>

namespace usb_hotplug {

namespace {

constexpr std::size_t attribute_max = 4096;
constexpr std::string_view sys = "/sys";

std::optional<std::string> attribute(const std::string& syspath, const std::string& name) {
    const auto content = read_file(syspath + "/" + name, attribute_max);
    return content ? std::optional(std::string(trim(*content))) : std::nullopt;
}

/// As describe() wants names: udev's lossless encoding, in which a backslash starts an escape.
std::string encoded(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '\\' ? "\\x5c" : std::string(1, c);
    }
    return out;
}

} // namespace

std::optional<Device> usb_parent(const std::string& syspath) {
    std::string folder = syspath;
    std::error_code error;
    // Its interfaces have none of these, nor has anything else between the disk and the device.
    while (folder.size() > sys.size() && !std::filesystem::exists(folder + "/busnum", error)) {
        folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/'));
    }
    if (folder.size() <= sys.size() || !folder.starts_with(sys)) {
        return std::nullopt;
    }
    Properties properties;
    const std::string uevent = attribute(folder, "uevent").value_or("");
    for (const std::string_view line : split(uevent, '\n')) {
        if (const std::size_t equals = line.find('='); equals != std::string_view::npos) {
            properties.emplace(line.substr(0, equals), line.substr(equals + 1));
        }
    }
    properties["SUBSYSTEM"] = "usb";
    properties["DEVPATH"] = folder.substr(sys.size());
    properties["ID_VENDOR_ENC"] = encoded(attribute(folder, "manufacturer").value_or(""));
    properties["ID_MODEL_ENC"] = encoded(attribute(folder, "product").value_or(""));
    auto usb = describe(std::move(properties),
                        [folder](const std::string& name) { return attribute(folder, name); });
    return usb ? std::optional(std::move(*usb)) : std::nullopt;
}

} // namespace usb_hotplug
