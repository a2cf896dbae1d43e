// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What 'usb-hotplugctl attach' and 'detach' ask for, and how it is done. Root does it at once; for
// everybody else usb-hotplug-order@.service does, which polkit lets some start. Both ways end in
// carry_out().

#pragma once

#include "base/result.h"
#include "host/state.h"
#include "service/world.h"

#include <optional>
#include <string>
#include <string_view>

namespace usb_hotplug {

enum class OrderVerb {
    Attach,
    Detach,
    Take, ///< detach, also from a guest that does not let go
};

struct Order {
    OrderVerb verb = OrderVerb::Detach;
    std::string node;  ///< of the device, "/dev/bus/usb/001/005"
    std::string guest; ///< for Attach
};

/// How an order ended, in words for whoever gave it. An error is in `complaints`.
using Outcome = Answer;

/// The order as the instance of a unit: "attach:dev-bus-usb-001-005:0123456789abcdef:win10". The
/// number tells it from all others, so that nobody gets another one's answer.
std::string order_instance(const Order& order, std::string_view number);
/// What an instance says; nothing when it says no order. Anybody can have written it.
std::optional<Order> parse_order(std::string_view instance);

/// Does it. Needs root's rights.
Outcome carry_out(World& world, const Order& order);

/// Has the unit do it. An error is that it did not, for lack of the right most of all.
Result<Outcome> have_carried_out(World& world, const Order& order);

/// What whoever lacks a right can do about it.
std::string_view advice_on_rights();

} // namespace usb_hotplug
