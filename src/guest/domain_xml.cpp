// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/domain_xml.h"

#include "base/text.h"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>

namespace usb_hotplug {

namespace {

/// Ports of a USB controller that does not say (libvirt, src/conf/domain_conf.c and
/// src/qemu/qemu_domain_address.c: virDomainUSBAddressControllerModelToPorts).
std::uint32_t default_ports(std::string_view model) {
    if (model == "nec-xhci" || model == "qemu-xhci") {
        return 4;
    }
    if (model == "ehci" || model == "ich9-ehci1") {
        return 6;
    }
    // Companions share the ports of their ich9-ehci1.
    if (model.starts_with("ich9-uhci") || model == "none") {
        return 0;
    }
    return 2;
}

std::uint32_t ports_of(const pugi::xml_node& controller) {
    return controller.attribute("ports").as_uint(
        default_ports(controller.attribute("model").as_string("piix3-uhci")));
}

bool is_usb3(const pugi::xml_node& controller) {
    return std::string_view(controller.attribute("model").as_string()).ends_with("xhci");
}

const char* bus_word(DiskBus bus) {
    switch (bus) {
    case DiskBus::Virtio:
        return "virtio";
    case DiskBus::Scsi:
        return "scsi";
    case DiskBus::Usb:
        return "usb";
    }
    return "";
}

/// Null to leave it to the hypervisor.
const char* cache_word(DiskCache cache) {
    switch (cache) {
    case DiskCache::Default:
        return nullptr;
    case DiskCache::None:
        return "none";
    case DiskCache::Writethrough:
        return "writethrough";
    case DiskCache::Writeback:
        return "writeback";
    case DiskCache::Directsync:
        return "directsync";
    case DiskCache::Unsafe:
        return "unsafe";
    }
    return nullptr;
}

/// What every hypervisor takes as a disk's serial number. Some show the guest less of it.
std::string serial_word(const std::string& serial) {
    constexpr std::size_t longest = 36;
    std::string word = serial.substr(0, longest);
    for (char& c : word) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                              (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
        c = is_plain ? c : '_';
    }
    return word;
}

std::string text_of(const pugi::xml_document& document) {
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default | pugi::format_no_declaration);
    return out.str();
}

/// "a", ... "z", "aa": as the kernel and libvirt count.
std::string letters(std::size_t number) {
    std::string text;
    for (++number; number > 0; number = (number - 1) / 26) {
        text.insert(text.begin(), static_cast<char>('a' + (number - 1) % 26));
    }
    return text;
}

/// "0x1234".
std::string id_attribute(std::uint16_t value) {
    return "0x" + hex(value, 4);
}

} // namespace

std::string hostdev_xml(const std::string& alias, const UsbSource& source) {
    pugi::xml_document document;
    auto hostdev = document.append_child("hostdev");
    hostdev.append_attribute("mode") = "subsystem";
    hostdev.append_attribute("type") = "usb";
    auto element = hostdev.append_child("source");
    element.append_child("vendor").append_attribute("id") = id_attribute(source.id.vendor).c_str();
    element.append_child("product").append_attribute("id") =
        id_attribute(source.id.product).c_str();
    auto address = element.append_child("address");
    // Decimal without leading zeros: libvirt reads "010" as eight.
    address.append_attribute("bus") = source.bus;
    address.append_attribute("device") = source.number;
    hostdev.append_child("alias").append_attribute("name") = alias.c_str();
    return text_of(document);
}

std::string disk_xml(const std::string& alias, const DiskSource& source,
                     const std::string& target) {
    const DiskSettings& settings = source.settings;
    pugi::xml_document document;
    auto disk = document.append_child("disk");
    disk.append_attribute("type") = "block";
    disk.append_attribute("device") = "disk";
    auto driver = disk.append_child("driver");
    driver.append_attribute("name") = "qemu";
    // Said, never found out: what the guest writes to the disk could look like another format.
    driver.append_attribute("type") = "raw";
    if (const char* cache = cache_word(settings.cache)) {
        driver.append_attribute("cache") = cache;
    }
    if (settings.discard != DiskDiscard::Default) {
        driver.append_attribute("discard") =
            settings.discard == DiskDiscard::Unmap ? "unmap" : "ignore";
    }
    disk.append_child("source").append_attribute("dev") = source.path.c_str();
    auto place = disk.append_child("target");
    place.append_attribute("dev") = target.c_str();
    place.append_attribute("bus") = bus_word(settings.bus);
    if (settings.bus == DiskBus::Usb) {
        place.append_attribute("removable") = "on";
    }
    // Of a disk that only this domain may have, libvirt notes the owner on the node in the domain's
    // own /dev, where nobody takes the note back when the disk is pulled out: the next disk of the
    // same name is then refused (virSecurityDACSetOwnership). Whether another guest has the disk is
    // asked before every attach.
    disk.append_child(settings.read_only ? "readonly" : "shareable");
    if (!source.serial.empty()) {
        disk.append_child("serial").text() = serial_word(source.serial).c_str();
    }
    disk.append_child("alias").append_attribute("name") = alias.c_str();
    return text_of(document);
}

bool DomainDevices::has_alias(const std::string& alias) const {
    return std::find(aliases.begin(), aliases.end(), alias) != aliases.end();
}

bool DomainDevices::has_device(const UsbSource& source) const {
    return std::any_of(hostdevs.begin(), hostdevs.end(), [&](const Hostdev& hostdev) {
        return hostdev.bus == source.bus && hostdev.number == source.number;
    });
}

const DomainDevices::Disk* DomainDevices::find_target(const std::string& target) const {
    const auto found = std::find_if(disks.begin(), disks.end(),
                                    [&](const Disk& disk) { return disk.target == target; });
    return found == disks.end() ? nullptr : &*found;
}

std::string DomainDevices::free_target(DiskBus bus) const {
    // One more than there are disks: one of these names is free.
    std::string target;
    for (std::size_t i = 0; i <= disks.size(); ++i) {
        target = std::string(target_prefix(bus)) + letters(i);
        if (find_target(target) == nullptr) {
            break;
        }
    }
    return target;
}

Result<DomainDevices> parse_domain(const std::string& xml) {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(xml.data(), xml.size());
    if (!parsed) {
        return fail(std::string("Cannot read the domain's XML: ") + parsed.description());
    }
    DomainDevices found;
    for (const pugi::xml_node& device : document.child("domain").child("devices").children()) {
        const std::string_view kind = device.name();
        const std::string alias = device.child("alias").attribute("name").as_string();
        if (!alias.empty()) {
            found.aliases.push_back(alias);
        }
        if (kind == "controller" &&
            std::string_view(device.attribute("type").as_string()) == "usb") {
            found.ports += ports_of(device);
            found.has_usb3 = found.has_usb3 || is_usb3(device);
        }
        const auto place = device.child("address");
        // A port with a dot is behind a hub of the guest.
        if (std::string_view(place.attribute("type").as_string()) == "usb" &&
            std::string_view(place.attribute("port").as_string()).find('.') ==
                std::string_view::npos) {
            ++found.used_ports;
        }
        if (kind == "hostdev" && std::string_view(device.attribute("type").as_string()) == "usb") {
            const auto address = device.child("source").child("address");
            found.hostdevs.push_back(
                {alias, address.attribute("bus").as_uint(), address.attribute("device").as_uint()});
        }
        if (kind == "disk") {
            const auto source = device.child("source");
            const std::string node = source.attribute("dev").as_string();
            found.disks.push_back({alias, device.child("target").attribute("dev").as_string(),
                                   node.empty() ? source.attribute("file").as_string() : node});
        }
    }
    return found;
}

} // namespace usb_hotplug
