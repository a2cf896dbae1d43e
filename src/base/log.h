// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The only writer of logs, used by programs and never by the layers below them. When standard error
// is the journal, a message goes there with its fields; otherwise it is a line on standard error.

#pragma once

#include "base/fields.h"

#include <string>
#include <string_view>

namespace usb_hotplug {

/// syslog(3) priorities.
enum class Level { Error = 3, Warning = 4, Notice = 5, Info = 6, Debug = 7 };

/// Kinds of event, as journal MESSAGE_ID=. They never change; contrib/usb-hotplug.catalog explains
/// each to the user.
namespace message_id {
inline constexpr std::string_view attached = "5a2f0d6b4b5c4e0f9b0f6f7a3d1c8e21";
inline constexpr std::string_view returned = "b7c41e93a60d4d1c8d2e7f0a9c5b6342";
inline constexpr std::string_view waiting = "0e93c7d25f8b47a6a1d4b6e8f3c27590";
inline constexpr std::string_view attach_failed = "c1d86f4ea27b4935b8e05d3a7f924c18";
inline constexpr std::string_view detach_failed = "94b3e07c15da4f628c7f1e6d20a8b5f3";
inline constexpr std::string_view device_gone = "2f7a5c90be134d8e96d1c40b83e75fa6";
inline constexpr std::string_view configuration_broken = "e6048bd39c7142f5a3b9d7e1508f2c64";
inline constexpr std::string_view hypervisor_lost = "7d15f2a84e9b40c3b6a8c3e09d47518f";
inline constexpr std::string_view hypervisor_found = "a90c6e3b71f845d28e5b4d7f12c3a096";
inline constexpr std::string_view bus_lost = "1d7b9a56509c4c6582cfb7908c48723e";
inline constexpr std::string_view bus_found = "8070be40d98042129b5a2f8ce54bfb3b";
inline constexpr std::string_view guest_unknown = "38e1b9d7c4a64f0cb25f7d80e96a1c53";
inline constexpr std::string_view guest_started = "d4f7a1086c2e4b95a7c90e5d8b3f6127";
inline constexpr std::string_view guest_stopped = "61c8e5f90b3a4d72bf16a4d7c0e8935b";
inline constexpr std::string_view guest_paused = "1958cff4333e4f5d8c482f51d78367ed";
inline constexpr std::string_view left_behind = "6fbc07ed8f3b4cf8bb4f14f5746dc0a8";
} // namespace message_id

/// Logs one message. `id` is one of message_id, or empty. A message for people has no "key=value"
/// in it; that is what fields are for.
void log(Level level, std::string_view id, const std::string& message, const Fields& fields = {});

} // namespace usb_hotplug
