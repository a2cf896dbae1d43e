// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whether usb-hotplug is installed where udev and systemd look, and they know of it.

#pragma once

#include "host/systemd.h"
#include "model/device.h"
#include "model/finding.h"

#include <string>
#include <vector>

namespace usb_hotplug {

struct InstalledPaths {
    std::vector<std::string> rule_folders; ///< where udev looks, the first wins (udev(7))
    std::string rule;                      ///< our rule file
    std::vector<std::string> programs;     ///< that udev and systemd run
};

/// Those that this was built for.
InstalledPaths installed_paths();

/// Finds
///   udev-rule-missing     udev does not look where the rule is, or there is none
///   udev-rule-overridden  another file of the same name is in its place
///   program-missing       a program is missing or cannot be run
std::vector<Finding> check_files(const InstalledPaths& paths);

/// Finds
///   udev-rule-not-run  udev has seen a device without the rule, which gives every device a tag
/// Pure.
std::vector<Finding> check_tags(const std::vector<Device>& devices);

/// Finds, once for each kind of unit,
///   unit-missing         systemd has no such unit, or cannot load it
///   unit-masked          it is switched off
///   unit-stale           a warning: systemd has not read the newest file
///   systemd-unreachable  a warning: systemd does not answer
/// The units are those of these guests, one of no device, one of no disk, and that of the sleep.
std::vector<Finding> check_units(const Result<Systemd*>& systemd, const std::vector<Guest>& guests);

} // namespace usb_hotplug
