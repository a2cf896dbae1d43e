// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where a plugged device is now, and why: what usb-hotplugctl shows.

#pragma once

#include "base/result.h"
#include "model/device.h"
#include "service/world.h"

#include <string>

namespace usb_hotplug {

enum class Place {
    Attached, ///< a guest has it
    Waiting,  ///< a guest wants it and cannot take it now
    Released, ///< a guest wants it; it was stopped by hand
    Failed,   ///< a guest wants it; giving it failed
    Moving,   ///< its unit is starting or stopping
    Ready,    ///< a guest wants it and could take it, but nothing started its unit
    Host,     ///< no guest wants it
};

/// "attached", "waiting", ...
std::string_view place_text(Place place);

struct Situation {
    Place place = Place::Host;
    std::string guest;  ///< which has it, or would; empty when none
    std::string reason; ///< why it is not attached, or by which rule it is
    std::string unit;
    std::string unit_state; ///< "active", "inactive", "failed", ...
};

/// Looks at one device. An error when systemd cannot be asked.
Result<Situation> situation_of(World& world, const Device& device);

/// Lets systemd forget the failures of device units that nobody can mend any more: the device has
/// left, or no enabled guest wants it.
void forget_stale_failures(World& world);

/// "[[usb]] rule \"Mouse\" in /etc/usb-hotplug/win10.toml, line 6".
std::string rule_text(const Guest& guest, const Rule& rule, std::string_view kind);

} // namespace usb_hotplug
