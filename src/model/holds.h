// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What each rule key means. For match.cpp.

#pragma once

#include "model/device.h"
#include "model/rule.h"

#include <string>

namespace usb_hotplug {

/// Whether a condition holds for a device.
bool holds(const Condition& condition, const Device& device);

/// What the device has where the condition looks, in the form in which conditions name it.
std::string actual(const Condition& condition, const Device& device);

} // namespace usb_hotplug
