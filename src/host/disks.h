// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The machine's USB disks, through sd-device. Each is a Device with its Disk.

#pragma once

#include "base/result.h"
#include "model/device.h"

#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

/// The USB disk with this node ("/dev/sdb"), or nothing when there is none (any more).
Result<std::optional<Device>> find_disk(const std::string& node);

/// All disks on USB devices that udev has looked at, sorted by name; no CD drives.
Result<std::vector<Device>> list_disks();

/// The disks on one USB device.
struct DisksOn {
    std::vector<Device> disks;
    /// There is one at least, if only a CD drive, and udev has looked at all there are. Disks come
    /// seconds after their device.
    bool are_known = false;
};
Result<DisksOn> disks_on(const Device& usb);

/// USB devices but root hubs, each with its disks after it.
Result<std::vector<Device>> list_devices_and_disks();

/// What to hand to a hypervisor: the link that names this very disk, where it leads to it, else the
/// node. Two disks that say the same of themselves have one link, which is one's or the other's.
std::string path_of(const Device& disk);

} // namespace usb_hotplug
