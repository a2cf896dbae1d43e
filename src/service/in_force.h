// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rules in force while a guest's file is broken: those of its last version that was in order.
// The watcher keeps that version in in_force_folder() for as long as the guest is enabled, and
// load_configuration() reads it, so that udev, the workers and usb-hotplugctl follow the same
// rules.

#pragma once

#include "base/result.h"
#include "model/config.h"

#include <string>

namespace usb_hotplug {

/// Keeps the file that the guest was read from, as private as that is. Does nothing when that is
/// kept already, and when the file has been broken or removed since.
Result<> keep_in_force(const Guest& guest);

/// Forgets what is kept of a guest, by its name.
Result<> forget_in_force(const std::string& guest);

} // namespace usb_hotplug
