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
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default | pugi::format_no_declaration);
    return out.str();
}

bool DomainUsb::has_alias(const std::string& alias) const {
    return std::find(aliases.begin(), aliases.end(), alias) != aliases.end();
}

bool DomainUsb::has_device(const UsbSource& source) const {
    return std::any_of(hostdevs.begin(), hostdevs.end(), [&](const Hostdev& hostdev) {
        return hostdev.bus == source.bus && hostdev.number == source.number;
    });
}

Result<DomainUsb> parse_domain(const std::string& xml) {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(xml.data(), xml.size());
    if (!parsed) {
        return fail(std::string("Cannot read the domain's XML: ") + parsed.description());
    }
    DomainUsb usb;
    for (const pugi::xml_node& device : document.child("domain").child("devices").children()) {
        const std::string_view kind = device.name();
        const std::string alias = device.child("alias").attribute("name").as_string();
        if (!alias.empty()) {
            usb.aliases.push_back(alias);
        }
        if (kind == "controller" &&
            std::string_view(device.attribute("type").as_string()) == "usb") {
            usb.ports += ports_of(device);
            usb.has_usb3 = usb.has_usb3 || is_usb3(device);
        }
        const auto place = device.child("address");
        // A port with a dot is behind a hub of the guest.
        if (std::string_view(place.attribute("type").as_string()) == "usb" &&
            std::string_view(place.attribute("port").as_string()).find('.') ==
                std::string_view::npos) {
            ++usb.used_ports;
        }
        if (kind == "hostdev" && std::string_view(device.attribute("type").as_string()) == "usb") {
            const auto address = device.child("source").child("address");
            usb.hostdevs.push_back(
                {alias, address.attribute("bus").as_uint(), address.attribute("device").as_uint()});
        }
    }
    return usb;
}

} // namespace usb_hotplug
