// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The little of libvirt's domain XML that matters here, written and read. Pure.
// Format: https://libvirt.org/formatdomain.html, "Host device assignment" and "Hard drives, floppy
// disks, CDROMs".

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

/// The <disk> element that attaches a disk under this name ("vdb").
std::string disk_xml(const std::string& alias, const DiskSource& source, const std::string& target);

/// What a live domain's XML says about USB devices and disks.
struct DomainDevices {
    struct Hostdev {
        std::string alias; ///< may be empty
        std::uint32_t bus = 0;
        std::uint32_t number = 0;
    };
    struct Disk {
        std::string alias;  ///< may be empty
        std::string target; ///< "vdb"
        std::string source; ///< the file or node; empty when it is neither
    };
    std::vector<Hostdev> hostdevs; ///< USB only
    std::vector<Disk> disks;
    std::vector<std::string> aliases; ///< of every device
    std::uint32_t ports = 0;          ///< of all USB controllers together
    std::uint32_t used_ports = 0;     ///< by devices directly on a controller
    bool has_usb3 = false;            ///< one of the controllers is an xHCI

    [[nodiscard]] bool has_alias(const std::string& alias) const;
    [[nodiscard]] bool has_device(const UsbSource& source) const;
    /// The disk of this name.
    [[nodiscard]] const Disk* find_target(const std::string& target) const;
    /// The first name that no disk has: "vda", ... "vdz", "vdaa".
    [[nodiscard]] std::string free_target(DiskBus bus) const;
};

Result<DomainDevices> parse_domain(const std::string& xml);

} // namespace usb_hotplug
