// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Taking back what guests have for a while, and giving exactly that to them again: for a snapshot,
// a migration, or the sleep of the machine.

#pragma once

#include "base/result.h"
#include "service/world.h"

#include <string>
#include <vector>

namespace usb_hotplug {

/// What became of the devices.
struct PauseReport {
    std::size_t moved = 0;             ///< given back, or given again
    std::vector<std::string> failures; ///< a sentence each, of those that did not
};

/// Pauses a guest and takes its devices back, all at once. It gets none until it is resumed; what
/// was not given back is named, and the guest is paused nevertheless.
Result<PauseReport> pause_guest(World& world, const std::string& guest);

/// Ends that, and gives devices to whoever gets them now: what the guest had, and what it missed.
Result<PauseReport> resume_guest(World& world, const std::string& guest);

/// The same for all guests, before the machine sleeps and when it is awake again. A device that was
/// suspended under a guest would wake up with a driver of the host, and the guest would not know.
Result<PauseReport> fall_asleep(World& world);
Result<PauseReport> wake_up(World& world);

} // namespace usb_hotplug
