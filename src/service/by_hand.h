// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What 'usb-hotplugctl attach' and 'detach' write down beside what the workers do, and how the one
// is undone when the guest refuses.

#pragma once

#include "base/result.h"
#include "model/device.h"
#include "service/world.h"

#include <map>
#include <string>

namespace usb_hotplug {

/// What is remembered of a plugged device; a mark that it does not have is missing.
using Marks = std::map<Mark, std::string>;
Marks marks_of(const State& state, const Device& device);

/// After an attach by hand that the guest refused: the device has the marks that it had before, and
/// systemd forgets the failure unless there was one before.
void forget_attempt(World& world, const Device& device, const Marks& before);

/// Lets a device that a guest wants stay with the host. Of an active unit the worker has remembered
/// this at its stop; one that was only waiting would be started by the next look of the watcher.
Result<> keep_with_host(World& world, const Device& device);

} // namespace usb_hotplug
