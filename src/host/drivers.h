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

/// Waits until these interfaces have a kernel driver again. A hypervisor that ends in good order
/// gives them back by itself; for one that was killed, or does not, the kernel is asked to probe
/// (/sys/bus/usb/drivers_probe, Documentation/ABI/testing/sysfs-bus-usb) after a short while.
Rebind wait_for_drivers(const std::string& syspath, const std::vector<std::string>& interfaces,
                        std::chrono::milliseconds limit);

} // namespace usb_hotplug
