// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/places.h"

#include <algorithm>
#include <filesystem>

namespace usb_hotplug {

bool has_source(const DomainDevices& devices, const AttachmentSource& source) {
    if (const auto* usb = std::get_if<UsbSource>(&source)) {
        return devices.has_device(*usb);
    }
    const auto& nodes = std::get<DiskSource>(source).nodes;
    return std::any_of(devices.disks.begin(), devices.disks.end(), [&](const auto& disk) {
        std::error_code error;
        const auto node = std::filesystem::weakly_canonical(disk.source, error).string();
        return std::find(nodes.begin(), nodes.end(), error ? disk.source : node) != nodes.end();
    });
}

std::optional<AttachOutcome> taken_place(const DomainDevices& devices,
                                         const AttachmentSource& source) {
    if (const auto* disk = std::get_if<DiskSource>(&source)) {
        const std::string& target = disk->settings.target;
        const auto* taken = target.empty() ? nullptr : devices.find_target(target);
        return taken == nullptr
                   ? std::nullopt
                   : std::optional(AttachOutcome{AttachOutcome::TargetTaken, taken->source.empty()
                                                                                 ? "another disk"
                                                                                 : taken->source});
    }
    if (devices.used_ports >= devices.ports) {
        return AttachOutcome{AttachOutcome::NoFreePort, std::to_string(devices.ports)};
    }
    return std::nullopt;
}

} // namespace usb_hotplug
