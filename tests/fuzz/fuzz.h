// SPDX-License-Identifier: LGPL-2.1-or-later
//
// For the fuzzers: what must be true whatever comes in.

#pragma once

#include "model/match.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace usb_hotplug::fuzz {

/// Ends the program, which libFuzzer reports with the input, when something is not true.
void check(bool truth, const char* what);

/// Decides and explains, and checks that the two agree.
void check_decision(const std::vector<Guest>& guests, const Device& device);

} // namespace usb_hotplug::fuzz
