// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The kernel drivers of a USB device's interfaces: which are bound, and getting them back.

#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <vector>

namespace usb_hotplug {

/// Interface names ("1-4.2:1.0") of a device that a kernel driver other than usbfs, the one that
/// user space claims an interface with, is bound to.
std::vector<std::string> driven_interfaces(const std::string& syspath);

enum class Rebind { Done, DeviceGone, StillUnbound };

/// Has the kernel find drivers for the device's interfaces (/sys/bus/usb/drivers_probe,
/// Documentation/ABI/testing/sysfs-bus-usb) and waits until these have one. A hypervisor gives back
/// the drivers that it took an interface from, if it ends in good order; not one that was killed,
/// and never a driver that was still being loaded when the device went to the guest.
Rebind wait_for_drivers(const std::string& syspath, std::vector<std::string> interfaces,
                        std::chrono::milliseconds limit);

} // namespace usb_hotplug
