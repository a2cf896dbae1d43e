// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The other name of a port: a USB 3 connector is a port of two buses. Pure: the kernel's links come
// from sysfs, or from the description of a device.

#pragma once

#include <functional>
#include <optional>
#include <string>

namespace usb_hotplug {

/// Where the symbolic link `path` leads, as the link says it; nothing when there is none.
using LinkReader = std::function<std::optional<std::string>(const std::string& path)>;

/// The other name of the port of the device with this folder, of the kernel's "peer" links
/// (Documentation/ABI/testing/sysfs-bus-usb): "2-4.2" for the device at 1-4.2. Behind a hub of
/// which only one half is plugged in, it is the name that the other half would give. Empty when
/// there is none.
std::string peer_of(const std::string& syspath, const LinkReader& read_link);

} // namespace usb_hotplug
