// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Disks, from udev's properties.

#include "base/text.h"
#include "model/device.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace usb_hotplug {

namespace {

constexpr std::string_view dev = "/dev/";
/// Of the attribute "size", whatever the disk's own are (Documentation/ABI/stable/sysfs-block).
constexpr std::uint64_t sector = 512;

void add(std::vector<std::string>& texts, std::string text) {
    if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) {
        texts.push_back(std::move(text));
    }
}

/// "Vendor_Model_Serial-0:0" without the target and unit that udev's usb_id adds.
std::string without_unit(const std::string& serial) {
    const std::size_t dash = serial.rfind('-');
    if (dash == std::string::npos) {
        return {};
    }
    const auto parts = split(std::string_view(serial).substr(dash + 1), ':');
    const bool is_unit =
        parts.size() == 2 && parse_number(parts[0], 10, 9999) && parse_number(parts[1], 10, 9999);
    return is_unit ? serial.substr(0, dash) : std::string();
}

/// A disk behind a bridge that passes ATA commands on says its own serial number in ID_SERIAL; the
/// bridge's is in ID_USB_SERIAL then, if systemd is new enough.
std::vector<std::string> serials_of(const Properties& properties, const Device& usb) {
    std::vector<std::string> serials;
    for (const char* key :
         {"ID_SERIAL_SHORT", "ID_SERIAL", "ID_USB_SERIAL_SHORT", "ID_USB_SERIAL"}) {
        const std::string serial = property_of(properties, key);
        add(serials, serial);
        add(serials, without_unit(serial));
    }
    add(serials, usb.serial);
    return serials;
}

/// The link that names the disk and not its place; udev makes "usb-..." ones of what usb_id said.
std::string link_of(const Properties& properties) {
    constexpr std::string_view folder = "/dev/disk/by-id/";
    std::string best;
    const std::string links = property_of(properties, "DEVLINKS");
    for (const std::string_view link : split(links, ' ')) {
        const bool is_better = best.empty() || (link.starts_with(std::string(folder) + "usb-") &&
                                                !best.starts_with(std::string(folder) + "usb-"));
        if (link.starts_with(folder) && is_better) {
            best = link;
        }
    }
    return best;
}

} // namespace

bool is_disk_node(std::string_view node) {
    return node.starts_with(dev) && node.size() > dev.size() && !node.starts_with("/dev/bus/");
}

std::string disk_node(std::string_view name) {
    std::string node = std::string(dev) + std::string(name);
    std::replace(node.begin(), node.end(), '!', '/');
    return node;
}

Result<Device> describe_disk(Properties properties, AttributeReader attribute, const Device& usb) {
    const std::string devpath = property_of(properties, "DEVPATH");
    const std::string name = devpath.substr(devpath.rfind('/') + 1);
    if (property_of(properties, "SUBSYSTEM") != "block" ||
        property_of(properties, "DEVTYPE") != "disk" || name.empty()) {
        return fail("Not a disk: " + printable(devpath));
    }
    Device device = usb;
    device.syspath = "/sys" + devpath;
    device.node = disk_node(name);
    device.disk.emplace();
    Disk& disk = *device.disk;
    disk.name = name;
    disk.link = link_of(properties);
    disk.serials = serials_of(properties, usb);
    disk.serial = disk.serials.empty() ? std::string() : disk.serials.front();
    add(disk.wwns, property_of(properties, "ID_WWN"));
    add(disk.wwns, property_of(properties, "ID_WWN_WITH_EXTENSION"));
    add(disk.labels, label_of(properties));
    const std::string size = attribute ? attribute("size").value_or("") : "";
    std::uint64_t sectors = 0;
    (void)std::from_chars(size.data(), size.data() + size.size(), sectors);
    disk.bytes = sectors * sector;
    device.properties = std::move(properties);
    device.attribute = std::move(attribute);
    return device;
}

std::string label_of(const Properties& properties) {
    const std::string label = decode_udev(property_of(properties, "ID_FS_LABEL_ENC"));
    return label.empty() ? property_of(properties, "ID_FS_LABEL") : label;
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes * 10;
    while (tenths >= 10240 && unit + 1 < units.size()) {
        tenths /= 1024;
        ++unit;
    }
    const std::string fraction = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
    return std::to_string(tenths / 10) + fraction + " " + units[unit];
}

} // namespace usb_hotplug
