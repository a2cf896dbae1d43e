// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/journal.h"

#include "base/fields.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <sys/epoll.h>

namespace usb_hotplug {

namespace {

using JournalHandle = Handle<sd_journal, sd_journal_close>;
using Source = Handle<sd_event_source, sd_event_source_disable_unref>;

tl::unexpected<Error> cannot_read(int r) {
    return fail(std::string("Cannot read the journal: ") + std::strerror(-r), -r);
}

std::string field_of(sd_journal* journal, std::string_view name) {
    const void* data = nullptr;
    std::size_t length = 0;
    if (sd_journal_get_data(journal, std::string(name).c_str(), &data, &length) < 0 ||
        length <= name.size()) {
        return {};
    }
    // "NAME=value".
    return std::string(static_cast<const char*>(data), length).substr(name.size() + 1);
}

JournalEntry read_entry(sd_journal* journal) {
    JournalEntry entry;
    std::uint64_t time = 0;
    if (sd_journal_get_realtime_usec(journal, &time) >= 0) {
        entry.time = std::chrono::microseconds(time);
    }
    sd_id128_t boot = {};
    sd_id128_t this_boot = {};
    if (sd_journal_get_monotonic_usec(journal, &time, &boot) >= 0 &&
        sd_id128_get_boot(&this_boot) >= 0 && sd_id128_equal(boot, this_boot) != 0) {
        entry.since_boot = std::chrono::microseconds(time);
    }
    entry.message_id = field_of(journal, "MESSAGE_ID");
    entry.message = field_of(journal, "MESSAGE");
    entry.device = field_of(journal, field::device);
    entry.port = field_of(journal, field::port);
    entry.id = field_of(journal, field::id);
    entry.guest = field_of(journal, field::guest);
    return entry;
}

Result<JournalHandle> open_journal(const JournalQuery& query) {
    sd_journal* raw = nullptr;
    int r = sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
    JournalHandle journal(raw);
    // Anybody may write messages with our fields; the journal itself says who did.
    std::vector<std::string> matches = {"_UID=0"};
    matches.insert(matches.end(), query.fields.begin(), query.fields.end());
    for (const std::string_view id : query.message_ids) {
        matches.push_back("MESSAGE_ID=" + std::string(id));
    }
    for (const std::string& match : matches) {
        r = r < 0 ? r : sd_journal_add_match(raw, match.data(), match.size());
    }
    if (r < 0) {
        return cannot_read(r);
    }
    return journal;
}

} // namespace

Result<std::vector<JournalEntry>> read_journal(const JournalQuery& query, std::size_t count) {
    auto journal = open_journal(query);
    if (!journal) {
        return forward(journal);
    }
    std::vector<JournalEntry> entries;
    int r = sd_journal_seek_tail(journal->get());
    while (r >= 0 && entries.size() < count) {
        r = sd_journal_previous(journal->get());
        if (r == 0) {
            break;
        }
        if (r > 0) {
            entries.push_back(read_entry(journal->get()));
        }
    }
    if (r < 0) {
        return cannot_read(r);
    }
    std::reverse(entries.begin(), entries.end());
    return entries;
}

struct JournalWatch::Inside {
    JournalHandle journal;
    Callback callback;
    Source source;
};

namespace {

void read_new(JournalWatch::Inside& inside) {
    while (sd_journal_next(inside.journal.get()) > 0) {
        inside.callback(read_entry(inside.journal.get()));
    }
}

int journal_changed(sd_event_source* /*source*/, int /*fd*/, std::uint32_t /*events*/, void* self) {
    auto& inside = *static_cast<JournalWatch::Inside*>(self);
    const int r = sd_journal_process(inside.journal.get());
    if (r < 0) {
        return r;
    }
    read_new(inside);
    return 0;
}

} // namespace

Result<JournalWatch> JournalWatch::open(sd_event* event, const JournalQuery& query,
                                        Callback callback) {
    auto journal = open_journal(query);
    if (!journal) {
        return forward(journal);
    }
    auto inside = std::make_shared<Inside>();
    inside->journal = std::move(*journal);
    inside->callback = std::move(callback);
    // The descriptor first: what is written after this wakes the loop.
    int r = sd_journal_get_fd(inside->journal.get());
    const int fd = r;
    if (r >= 0) {
        r = sd_journal_seek_tail(inside->journal.get());
    }
    if (r >= 0) {
        // Stands on the last message now; the next one is new.
        r = sd_journal_previous(inside->journal.get());
    }
    if (r == 0) {
        // There is none, and after the tail nothing is ever found, but all that comes is new.
        r = sd_journal_seek_head(inside->journal.get());
    }
    sd_event_source* source = nullptr;
    if (r >= 0) {
        r = sd_event_add_io(event, &source, fd, EPOLLIN, journal_changed, inside.get());
    }
    inside->source.reset(source);
    if (r < 0) {
        return cannot_read(r);
    }
    return JournalWatch(std::move(inside));
}

} // namespace usb_hotplug
