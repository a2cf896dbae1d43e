// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What decides about a device and is not among its own properties: its port's other name, its
// interfaces' drivers, who had the port. From sysfs and our small files alone, as usb-hotplug-match
// needs it.

#pragma once

#include "host/state.h"
#include "model/device.h"
#include "model/match.h"

#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

/// The other name of a device's port, from the links in sysfs; see model/peer.h.
std::string peer_of(const std::string& syspath);

/// The folder of the USB device that a disk is on; of any other device its own.
std::string usb_folder(const Device& device);

/// The kernel drivers of a device's interfaces, without usbfs, sorted; and those that its record
/// says it had before a guest got it, if the record is of this plugging in.
std::vector<std::string> drivers_of(const std::string& syspath, const std::string& instance,
                                    const std::string& plug, const State& state);

/// The guest whose device was the last one at this device's port, under either of its names: as
/// stop has noted it, or from the record of a device that has left while its stop is still to come.
std::optional<Tenant> tenant_of(const Device& device, const State& state);

/// Fills in what is asked.
void answer(const Questions& questions, const State& state, Device& device);

} // namespace usb_hotplug
