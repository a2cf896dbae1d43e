// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whether the host itself uses a USB device's disks. Such a device is never taken from it.

#pragma once

#include <optional>
#include <string>

namespace usb_hotplug {

/// What the host does with a disk of this device: "/dev/sdb1 is mounted at /media/backup",
/// "/dev/sdb2 is swap", "/dev/sdb is part of dm-0"; nothing when it does not use it.
std::optional<std::string> host_use(const std::string& syspath);

/// The block devices (kernel names, disks and partitions) below a device's sysfs folder, and what
/// of /proc/1/mountinfo (proc(5)) and /proc/swaps is about them. Pure but for `holders_of`.
std::optional<std::string> mounted_at(const std::string& mountinfo, const std::string& disk,
                                      const std::string& major_minor);

} // namespace usb_hotplug
