// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whether one rule asks for all that another asks for. Pure.

#pragma once

#include "model/rule.h"

namespace usb_hotplug {

/// Whether `wide` holds for every device there can be for which `narrow` holds. True is certain;
/// false may only mean that it cannot be told from the rules alone, as of two different regular
/// expressions. Says nothing of `enabled`.
bool covers(const Rule& wide, const Rule& narrow);

/// The same of two conditions, whatever their keys.
bool covers(const Condition& wide, const Condition& narrow);

} // namespace usb_hotplug
