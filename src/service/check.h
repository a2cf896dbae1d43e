// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What usb-hotplugctl check looks at: the configuration, the rules among themselves, the plugged
// devices, the guests, and whether usb-hotplug is installed where udev and systemd look.

#pragma once

#include "model/check_devices.h"
#include "model/finding.h"
#include "service/world.h"

#include <vector>

namespace usb_hotplug {

/// All findings, by file and line; those about no file first. Of a guest with mistakes in its file
/// they are all that is said. What cannot be looked at is a finding
/// itself, and only once. With USB_HOTPLUG_ROOT set the installation is not looked at.
std::vector<Finding> check_world(World& world);

/// Findings about the guests:
///   no-guest                 none is configured, and no file is broken
///   guest-missing            the hypervisor knows no such guest
///   hypervisor-unreachable   once for each hypervisor
///   hypervisor-remote        it is, but not by the services
///   qmp-hidden               the services do not see where its QMP socket is
///   guest-not-enabled        a note
/// and those of check_ports().
std::vector<Finding> check_guests(World& world);

/// What is plugged in now, for check_devices(). What cannot be found out is added to `findings`:
///   devices-unknown          the devices or keyboards cannot be listed
Plugged look_at_devices(World& world, std::vector<Finding>& findings);

} // namespace usb_hotplug
