// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The journal fields of a message. They stand apart from base/log.h because a floor that does not
// log returns them to the program that does.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usb_hotplug {

/// What a message is about. Every value may be hostile; the journal keeps fields apart.
using Fields = std::vector<std::pair<std::string_view, std::string>>;

/// Field names, as documented in usb-hotplug(7).
namespace field {
inline constexpr std::string_view device = "USB_HOTPLUG_DEVICE"; ///< device node
inline constexpr std::string_view port = "USB_HOTPLUG_PORT";     ///< "1-4.2"
inline constexpr std::string_view id = "USB_HOTPLUG_ID";         ///< "046d:c52b"
inline constexpr std::string_view guest = "USB_HOTPLUG_GUEST";   ///< guest name
} // namespace field

} // namespace usb_hotplug
