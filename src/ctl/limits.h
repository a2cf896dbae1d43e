// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a user without root's rights cannot be shown.

#pragma once

#include "service/world.h"

namespace usb_hotplug::ctl {

/// After what was shown: complains when guests could not be asked for the user's lack of rights.
/// Returns the exit status.
int show_limits(const World& world);

} // namespace usb_hotplug::ctl
