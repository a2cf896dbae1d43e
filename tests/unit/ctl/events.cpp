// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of ctl/events: an event as a line and as JSON, to the letter.

#include "ctl/events.h"

#include "base/log.h"
#include "support.h"

#include <ctime>
#include <doctest/doctest.h>
#include <set>

using namespace usb_hotplug;
using namespace usb_hotplug::ctl;
using std::chrono::microseconds;

namespace {

JournalEntry attached() {
    JournalEntry entry;
    entry.time = microseconds(1'700'000'000'012'345);
    entry.message_id = message_id::attached;
    entry.message = "win10 has 046d:c077 at port 1-2";
    entry.device = "/dev/bus/usb/001/003";
    entry.port = "1-2";
    entry.id = "046d:c077";
    entry.guest = "win10";
    return entry;
}

} // namespace

TEST_CASE("an event is a line with its time, kind and text") {
    const test::EnvironmentVariable zone("TZ", "UTC");
    tzset();
    Event event = event_of(attached());
    CHECK(event_line(event, true) == "Nov 14 22:13:20 attached  win10 has 046d:c077 at port 1-2\n");
    event.took = microseconds(317'999);
    CHECK(event_line(event, false) ==
          "22:13:20.012 attached  win10 has 046d:c077 at port 1-2, after 0.317 s\n");
    event.kind = "far too long";
    CHECK(event_line(event, false).starts_with("22:13:20.012 far too long win10 has"));
}

TEST_CASE("an event is a JSON object with all keys") {
    Event event = event_of(attached());
    event.took = microseconds(317'999);
    CHECK(event_json(event).dump() ==
          R"({"version":1,"time":"2023-11-14T22:13:20.012345Z","event":"attached","port":"1-2",)"
          R"("node":"/dev/bus/usb/001/003","id":"046d:c077","guest":"win10",)"
          R"("text":"win10 has 046d:c077 at port 1-2","took_us":317999})");
    CHECK(event_json(event_of({})).dump() ==
          R"({"version":1,"time":"1970-01-01T00:00:00.000000Z","event":"message","port":null,)"
          R"("node":null,"id":null,"guest":null,"text":"","took_us":null})");
}

TEST_CASE("hostile messages are harmless") {
    JournalEntry entry = attached();
    entry.message = "a\nb\x1b[31m\xff";
    entry.guest = "\x1b]0;";
    const Event event = event_of(entry);
    CHECK(event.text == "a\\x0ab\\x1b[31m\\xff");
    CHECK(event.guest == "\\x1b]0;");
}

TEST_CASE("every id of a message is asked for once, and has a word") {
    const auto ids = event_ids();
    CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
    for (const std::string_view id : ids) {
        JournalEntry entry;
        entry.message_id = id;
        CHECK(event_of(entry).kind != "message");
    }
}
