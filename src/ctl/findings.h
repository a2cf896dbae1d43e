// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How findings are said: for people, and as JSON for programs. usb-hotplugctl(1) documents both.

#pragma once

#include "model/finding.h"

#include <cstddef>
#include <string>
#include <vector>

namespace usb_hotplug::ctl {

/// A line for each finding, and one that counts. `guests` is how many files are in order.
std::string findings_text(const std::vector<Finding>& findings, std::size_t guests);

/// The same as a JSON object, valid UTF-8 whatever is in the findings.
std::string findings_json(const std::vector<Finding>& findings, std::size_t guests);

/// exit_usage with errors, exit_failure with warnings, else exit_success.
int exit_of(const std::vector<Finding>& findings);

} // namespace usb_hotplug::ctl
