// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whether the host itself uses a USB device's disks, or has given one away. Such a device is never
// taken from it.

#pragma once

#include "base/handles.h"

#include <functional>
#include <optional>
#include <string>

namespace usb_hotplug {

/// Why a device may not be taken from the host.
struct HostUse {
    /// "/dev/sdb1 is mounted at /media/backup", "/dev/sdb2 is swap", "/dev/sdb is part of dm-0".
    std::string what;
    /// False when nobody can tell, and `what` is why not: "Cannot open /dev/sdb: Permission
    /// denied". Without root's rights that is usual, and means nothing; with them, beware.
    bool is_certain = true;

    /// To follow "the host": "uses it: /dev/sdb1 is swap", or "may use it: ...".
    [[nodiscard]] std::string text() const;
};

/// Has a block device for itself for a moment. 0, or the errno for which that cannot be.
using Claim = std::function<int(const std::string& node)>;

/// open(2) with O_EXCL. The kernel answers EBUSY for what a file system, RAID, swap and the like
/// have taken, wherever it is mounted and whichever disk of several it is.
int claim_block_device(const std::string& node);

/// Has a disk; no handle when that cannot be, and errno says why. As long as it is held no other
/// disk gets its name; and exclusively, nothing can be mounted from it or be built on it or its
/// partitions, while a hypervisor opens it all the same.
UniqueFd hold_block_device(const std::string& node, bool exclusively);

/// What the host does with a disk of this device, or with this disk; nothing when it does not use
/// it.
std::optional<HostUse> host_use(const std::string& syspath,
                                const Claim& claim = claim_block_device);

/// Where a block device, by kernel name and device number ("8:16"), is mounted first according to
/// the content of a mountinfo file (proc(5)). Pure.
std::optional<std::string> mounted_at(const std::string& mountinfo, const std::string& disk,
                                      const std::string& major_minor);

} // namespace usb_hotplug
