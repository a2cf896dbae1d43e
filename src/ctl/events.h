// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What log, status and monitor show: one event, as a line for people and as JSON for programs.

#pragma once

#include "ctl/json.h"
#include "host/journal.h"
#include "model/device.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug::ctl {

struct Event {
    std::chrono::microseconds time{0}; ///< since 1970
    std::string kind;                  ///< one of those of usb-hotplugctl(1), "EVENTS"
    std::string port;                  ///< this and the next three are empty where it has none
    std::string node;
    std::string id;
    std::string guest;
    std::string text;                              ///< for people; printable
    std::optional<std::chrono::microseconds> took; ///< since the device was plugged in
};

/// The event that a message tells of. Of one without a message id we know, the kind is "message".
Event event_of(const JournalEntry& entry);

/// The ids of all messages that tell of a device or a guest.
std::vector<std::string_view> event_ids();

/// "Nov 21 14:28:07 attached  win10 has 046d:c077 at port 1-2, after 0.317 s". Without the date the
/// time has milliseconds.
std::string event_line(const Event& event, bool with_date);

Json event_json(const Event& event);

/// "2026-11-21T14:28:07.123456Z".
std::string time_json(std::chrono::microseconds time);

} // namespace usb_hotplug::ctl
