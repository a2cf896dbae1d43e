// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The little of libvirt's domain XML that matters here, written and read. Pure.
// Format: https://libvirt.org/formatdomain.html, "Host device assignment".

#pragma once

#include "base/result.h"
#include "guest/backend.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

/// The <hostdev> element that attaches a USB device. No startupPolicy: with 'optional' libvirt may
/// hand over another device than the one that just left.
std::string hostdev_xml(const std::string& alias, const UsbSource& source);

/// What a live domain's XML says about USB.
struct DomainUsb {
    struct Hostdev {
        std::string alias; ///< may be empty
        std::uint32_t bus = 0;
        std::uint32_t number = 0;
    };
    std::vector<Hostdev> hostdevs;    ///< USB only
    std::vector<std::string> aliases; ///< of every device
    std::uint32_t ports = 0;          ///< of all USB controllers together
    std::uint32_t used_ports = 0;     ///< by devices directly on a controller
    bool has_usb3 = false;            ///< one of the controllers is an xHCI

    [[nodiscard]] bool has_alias(const std::string& alias) const;
    [[nodiscard]] bool has_device(const UsbSource& source) const;
};

Result<DomainUsb> parse_domain(const std::string& xml);

} // namespace usb_hotplug
