// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the services have written to the journal, read back (sd-journal(3)).

#pragma once

#include "base/handles.h"
#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <systemd/sd-event.h>
#include <systemd/sd-journal.h>
#include <vector>

namespace usb_hotplug {

/// One message. Its texts are as they were written: hostile.
struct JournalEntry {
    std::chrono::microseconds time{0}; ///< since 1970
    /// CLOCK_MONOTONIC; nothing when it is of an earlier boot.
    std::optional<std::chrono::microseconds> since_boot;
    std::string message_id;
    std::string message;
    std::string device; ///< the fields of base/fields.h; empty where it has none
    std::string port;
    std::string id;
    std::string guest;
};

/// Which messages: those of root's, as the services are, that have all these fields ("NAME=value")
/// and, if there are ids, one of those.
struct JournalQuery {
    std::vector<std::string> fields;
    std::vector<std::string_view> message_ids;
};

/// The last `count` messages, the oldest first. None when there is no journal that this user may
/// read.
Result<std::vector<JournalEntry>> read_journal(const JournalQuery& query, std::size_t count);

/// Calls back from the event loop for each message that is written from now on, as long as it
/// lives.
class JournalWatch {
public:
    using Callback = std::function<void(JournalEntry)>;
    static Result<JournalWatch> open(sd_event* event, const JournalQuery& query, Callback callback);

    /// What the event loop's callback needs; not for others.
    struct Inside;

private:
    explicit JournalWatch(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}

    // On the heap: the event loop keeps its address while this object may move.
    std::shared_ptr<Inside> inside_;
};

} // namespace usb_hotplug
