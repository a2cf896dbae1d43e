// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What of the guests and of the host stands in the way of devices, though usb-hotplug is in order.

#pragma once

#include "guest/backend.h"
#include "host/systemd.h"
#include "model/finding.h"

#include <vector>

namespace usb_hotplug {

/// Finds, of a guest that has these ports,
///   guest-no-usb3     a warning: no controller is for USB 3, so QEMU refuses faster devices
///   guest-ports-full  a note: nothing more can be plugged in
/// Only QEMU's domains are looked at: of others their XML does not say what they have.
std::vector<Finding> check_ports(const Guest& guest, const GuestPorts& ports);

/// Finds, all notes, other services that do something with devices when these are plugged in:
///   usbguard-active  it may keep the kernel from using them
///   usbmuxd-active   it takes Apple's
///   brltty-active    it takes serial adapters, which it cannot tell from braille displays
/// Nothing when systemd does not answer, which check_units() says.
std::vector<Finding> check_others(const Result<Systemd*>& systemd);

} // namespace usb_hotplug
