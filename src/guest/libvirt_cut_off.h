// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Taking a disk from a guest that does not let go of it, through QEMU's own monitor.

#pragma once

#include "base/result.h"

#include <functional>
#include <string>

namespace usb_hotplug {

/// Sends QEMU a command (QMP, in JSON) and gives back the whole answer.
using AskQemu = std::function<Result<std::string>(const std::string& command)>;

/// Puts a disk whose every access fails in place of the one that was attached by this alias, and
/// has QEMU close that one. For virtio disks: the others leave without the guest's consent.
Result<> cut_off_disk(const AskQemu& ask, const std::string& alias);

} // namespace usb_hotplug
