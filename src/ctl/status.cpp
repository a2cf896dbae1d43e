// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl status: one device as it is now, and what happened to it since it was plugged in.

#include "base/fields.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/events.h"
#include "ctl/terminal.h"
#include "host/journal.h"
#include "host/state.h"
#include "service/situation.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

constexpr std::size_t shown_messages = 10;

void line(const char* name, const std::string& value) {
    if (!value.empty()) {
        std::printf("%9s: %s\n", name, value.c_str());
    }
}

/// When udev first saw the device, by now_since_boot(); nothing when it does not say.
std::optional<std::chrono::microseconds> plugged_at(const Device& device) {
    const auto said = device.properties.find("USEC_INITIALIZED");
    if (said == device.properties.end() || said->second.empty() || said->second.size() > 18 ||
        said->second.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    return std::chrono::microseconds(std::stoll(said->second));
}

/// The last messages about this plugging in. The number of the node may have been another device's
/// before.
Result<std::vector<Event>> events_of(const Device& device) {
    const auto entries =
        read_journal({{std::string(field::device) + "=" + device.node}, {}}, shown_messages);
    if (!entries) {
        return forward(entries);
    }
    const auto plugged = plugged_at(device);
    std::vector<Event> events;
    for (const JournalEntry& entry : *entries) {
        if (entry.since_boot && plugged && *entry.since_boot >= *plugged) {
            events.push_back(event_of(entry));
        }
    }
    return events;
}

std::string ago_text(std::chrono::microseconds span) {
    using namespace std::chrono;
    if (span >= hours(48)) {
        return std::to_string(duration_cast<hours>(span).count() / 24) + " days ago";
    }
    // To the second, and of hours to the minute.
    const auto rough =
        span >= hours(1) ? milliseconds(floor<minutes>(span)) : milliseconds(floor<seconds>(span));
    return time_span_text(rough) + " ago";
}

void print_text(const Device& device, const Situation& situation,
                const std::vector<Event>& events) {
    const std::string state(place_text(situation.place));
    const Colour colour = colour_of_state(state);
    std::printf("%s %s %s %s\n", coloured(colour, terminal().has_utf8 ? "\u25cf" : "*").c_str(),
                printable(device.port).c_str(), device.id_text().c_str(), what_of(device).c_str());
    line("State", coloured(colour, state));
    line("Guest", situation.guest);
    line("Reason", situation.reason);
    line("Unit", situation.unit + ", " + situation.unit_state);
    line("Node", device.node);
    line("Serial", printable(device.disk ? device.disk->serial : device.serial));
    if (const auto plugged = plugged_at(device)) {
        line("Plugged", ago_text(now_since_boot() - *plugged));
    }
    std::printf("%s", events.empty() ? "" : "\n");
    for (const Event& event : events) {
        std::printf("%s", event_line(event, true).c_str());
    }
}

void print_as_json(const Device& device, const Situation& situation,
                   const std::vector<Event>& events) {
    Json document = new_json();
    document["device"] = device_json(device, situation);
    document["device"]["unit_state"] = situation.unit_state;
    document["events"] = Json::array();
    for (const Event& event : events) {
        document["events"].push_back(event_json(event));
    }
    print_json(document);
}

} // namespace

int status(const std::string& word, bool json) {
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    World world;
    const auto situation = situation_of(world, *device);
    if (!situation) {
        return complain(situation.error().message);
    }
    const auto events = events_of(*device);
    (json ? print_as_json : print_text)(*device, *situation,
                                        events ? *events : std::vector<Event>());
    return events ? exit_success : complain(events.error().message);
}

} // namespace usb_hotplug::ctl
