// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How each configured guest is: what usb-hotplugctl shows of guests.

#pragma once

#include "guest/backend.h"
#include "service/situation.h"
#include "service/world.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

struct GuestView {
    const Guest* guest = nullptr;
    std::optional<bool> enabled; ///< nothing when systemd cannot be asked
    bool paused = false;         ///< by `usb-hotplugctl pause`, or the machine is about to sleep
    std::optional<GuestState> state; ///< nothing when the hypervisor does not answer
    std::optional<GuestPorts> ports; ///< nothing when they are not known
    std::size_t attached = 0;        ///< devices that it has
    std::size_t waiting = 0;         ///< devices that it would have, and has not
    std::string problem;             ///< why something is not known; printable

    /// "running", "paused", "off", "missing", or "unknown".
    [[nodiscard]] std::string_view state_text() const;
};

/// All configured guests, by name. `situations` are those of the plugged devices.
std::vector<GuestView> look_at_guests(World& world, const std::vector<Situation>& situations);

} // namespace usb_hotplug
