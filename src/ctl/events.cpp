// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ctl/events.h"

#include "base/log.h"
#include "base/text.h"
#include "ctl/terminal.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace usb_hotplug::ctl {

namespace {

struct Kind {
    std::string_view id;
    std::string_view word;
    Colour colour;
};

constexpr std::array kinds = {
    Kind{message_id::attached, "attached", Colour::Good},
    Kind{message_id::returned, "detached", Colour::Plain},
    Kind{message_id::waiting, "waiting", Colour::Pending},
    Kind{message_id::attach_failed, "failed", Colour::Bad},
    Kind{message_id::detach_failed, "failed", Colour::Bad},
    Kind{message_id::device_gone, "gone", Colour::Plain},
    Kind{message_id::left_behind, "cleared", Colour::Plain},
    Kind{message_id::configuration_broken, "broken", Colour::Bad},
    Kind{message_id::hypervisor_lost, "lost", Colour::Bad},
    Kind{message_id::hypervisor_found, "found", Colour::Good},
    Kind{message_id::bus_lost, "lost", Colour::Bad},
    Kind{message_id::bus_found, "found", Colour::Good},
    Kind{message_id::guest_unknown, "missing", Colour::Bad},
    Kind{message_id::guest_started, "running", Colour::Good},
    Kind{message_id::guest_stopped, "off", Colour::Plain},
    Kind{message_id::guest_paused, "paused", Colour::Pending},
};

Colour colour_of(const std::string& word) {
    const auto* found = std::find_if(kinds.begin(), kinds.end(),
                                     [&](const Kind& kind) { return kind.word == word; });
    return found == kinds.end() ? Colour::Plain : found->colour;
}

std::string formatted(std::time_t seconds, const char* format, bool local) {
    std::tm parts = {};
    (void)(local ? localtime_r(&seconds, &parts) : gmtime_r(&seconds, &parts));
    std::array<char, 64> text = {};
    return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

/// Seconds and, apart, the rest.
std::pair<std::time_t, std::uint32_t> parts_of(std::chrono::microseconds time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return {seconds.count(), static_cast<std::uint32_t>((time - seconds).count())};
}

std::string seconds_text(std::chrono::microseconds span) {
    const auto [seconds, rest] = parts_of(span);
    return std::to_string(seconds) + "." + decimal(rest / 1000, 3) + " s";
}

} // namespace

Event event_of(const JournalEntry& entry) {
    const auto* found = std::find_if(kinds.begin(), kinds.end(),
                                     [&](const Kind& kind) { return kind.id == entry.message_id; });
    Event event;
    event.time = entry.time;
    event.kind = found == kinds.end() ? "message" : found->word;
    event.port = printable(entry.port, 64);
    event.node = printable(entry.device, 64);
    event.id = printable(entry.id, 64);
    event.guest = printable(entry.guest, 256);
    event.text = printable(entry.message, 1000);
    return event;
}

std::vector<std::string_view> event_ids() {
    std::vector<std::string_view> ids;
    ids.reserve(kinds.size());
    for (const Kind& kind : kinds) {
        ids.push_back(kind.id);
    }
    return ids;
}

std::string event_line(const Event& event, bool with_date) {
    constexpr std::size_t width = 10;
    const auto [seconds, rest] = parts_of(event.time);
    const std::string time =
        with_date ? formatted(seconds, "%b %d %H:%M:%S", true)
                  : formatted(seconds, "%H:%M:%S", true) + "." + decimal(rest / 1000, 3);
    const std::string gap(width > event.kind.size() ? width - event.kind.size() : 1, ' ');
    return coloured(Colour::Faint, time) + " " + coloured(colour_of(event.kind), event.kind) + gap +
           event.text + (event.took ? ", after " + seconds_text(*event.took) : "") + "\n";
}

std::string time_json(std::chrono::microseconds time) {
    const auto [seconds, rest] = parts_of(time);
    return formatted(seconds, "%Y-%m-%dT%H:%M:%S", false) + "." + decimal(rest, 6) + "Z";
}

Json event_json(const Event& event) {
    Json json = new_json();
    json["time"] = time_json(event.time);
    json["event"] = event.kind;
    json["port"] = text_or_null(event.port);
    json["node"] = text_or_null(event.node);
    json["id"] = text_or_null(event.id);
    json["guest"] = text_or_null(event.guest);
    json["text"] = event.text;
    json["took_us"] = event.took ? Json(event.took->count()) : Json(nullptr);
    return json;
}

} // namespace usb_hotplug::ctl
