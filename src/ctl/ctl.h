// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the verbs of usb-hotplugctl share. Each verb is a function in a file of its own, takes the
// words of the command line and returns the exit status; main.cpp parses and dispatches.

#pragma once

#include "base/result.h"
#include "model/device.h"
#include "service/world.h"

#include <string>
#include <vector>

namespace usb_hotplug::ctl {

/// Exit statuses, documented in usb-hotplugctl(1).
enum Exit {
    exit_success = 0,
    exit_failure = 1, ///< check: warnings only
    exit_usage = 2,   ///< check: errors
    exit_no_device = 3,
    exit_several = 4,
    exit_no_guest = 5,
    exit_waiting = 6,
};

int list();
int check(bool json);
int explain(const std::string& word);
int attach(const std::string& word, const std::string& guest);
int detach(const std::string& word);

/// Prints an error, as "usb-hotplugctl: ...", and returns `status`.
int complain(const std::string& message, int status = exit_failure);

/// Finds the plugged device that the user means: by port ("1-4.2"), node, "vendor:product" or unit.
/// Complains and returns the exit status as Error::code when there is none or there are several.
Result<Device> find_meant(const std::string& word);

/// A table for a terminal or a pipe. Cells come from devices, so they are made printable.
void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows);

} // namespace usb_hotplug::ctl
