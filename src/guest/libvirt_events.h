// SPDX-License-Identifier: LGPL-2.1-or-later
//
// libvirt's event loop on sd-event.

#pragma once

#include "base/result.h"

#include <systemd/sd-event.h>

namespace usb_hotplug {

/// Makes libvirt use this loop (virEventRegisterImpl). Once in a program, before its first
/// connection; the loop must outlive them all.
Result<> register_libvirt_events(sd_event* event);

} // namespace usb_hotplug
