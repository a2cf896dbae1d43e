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

/// Where a block device, by kernel name and device number ("8:16"), is mounted first according to
/// the content of a mountinfo file (proc(5)). Pure.
std::optional<std::string> mounted_at(const std::string& mountinfo, const std::string& disk,
                                      const std::string& major_minor);

} // namespace usb_hotplug
