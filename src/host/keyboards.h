// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The keyboards that the host has now.

#pragma once

#include "base/result.h"

#include <set>
#include <string>

namespace usb_hotplug {

struct Keyboards {
    std::set<std::string> usb; ///< sysfs folders of the USB devices that have one, or relay one
    bool other = false;        ///< there is one that is not behind any USB device, as of a laptop
};

/// Looks for the input devices that udev takes for keyboards (ID_INPUT_KEYBOARD of its built-in
/// input_id). Those that a program makes up (uinput) do not count. An error when udev's devices
/// cannot be listed.
Result<Keyboards> list_keyboards();

} // namespace usb_hotplug
