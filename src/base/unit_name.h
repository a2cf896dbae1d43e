// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The names users type: units, instances, aliases, and what a guest may be called.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usb_hotplug {

/// systemd's path escaping (systemd.unit(5), "String Escaping for Inclusion in Unit Names"):
/// "/dev/bus/usb/001/005" becomes "dev-bus-usb-001-005".
std::string escape_path(std::string_view path);

/// Undoes escape_path; nothing when `instance` is not a well-formed escaped path.
std::optional<std::string> unescape_path(std::string_view instance);

/// "usb-hotplug@dev-bus-usb-001-005.service" for the device node "/dev/bus/usb/001/005".
std::string device_unit(std::string_view node);
/// The same for an instance, "dev-bus-usb-001-005".
std::string device_unit_of(std::string_view instance);

/// The device node behind a device unit's name, or nothing when the name is not one of ours.
std::optional<std::string> node_of_device_unit(std::string_view unit);

/// "usb-hotplug-refresh@dev-sdb.service", which has udev look at a disk again.
std::string refresh_unit_of(std::string_view instance);

/// "usb-hotplug-order@attach:....service", which does what somebody without root's rights asks for.
std::string order_unit_of(std::string_view instance);

/// "usb-hotplug@win10.target", the user's switch for a guest.
std::string guest_target(std::string_view guest);

/// "usb-hotplug-guest@win10.service", the guest's watcher.
std::string guest_watcher_unit(std::string_view guest);

/// Every alias that this project gives to what it attaches starts with this, and nothing without
/// it is ever detached. libvirt wants "ua-" first.
inline constexpr std::string_view alias_prefix = "ua-usb-hotplug-";

/// "ua-usb-hotplug-dev-bus-usb-001-005". libvirt silently drops an alias with any character but
/// [A-Za-z0-9_-] (src/conf/domain_conf.c, USER_ALIAS_CHARS), so those become '_'.
std::string alias_of(std::string_view instance);

/// Whether a guest may be called this: it is a file name and the instance of a unit, used verbatim.
bool is_guest_name(std::string_view name);

} // namespace usb_hotplug
