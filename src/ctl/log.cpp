// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl log: what the journal says of a device or a guest.

#include "base/fields.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "ctl/events.h"
#include "ctl/terminal.h"
#include "host/journal.h"

#include <algorithm>
#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

constexpr std::uint32_t number_max = 9999;

/// "1-4.2", whether there is such a port or not.
bool is_port(std::string_view word) {
    const auto dash = word.find('-');
    if (dash == std::string_view::npos || !parse_number(word.substr(0, dash), 10, number_max)) {
        return false;
    }
    const std::string_view rest = word.substr(dash + 1);
    const auto parts = split(rest, '.');
    return !parts.empty() && !rest.ends_with('.') &&
           std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
               return parse_number(part, 10, number_max).has_value();
           });
}

bool is_id(std::string_view word) {
    return word.size() == 9 && word[4] == ':' && parse_number(word.substr(0, 4), 16, 0xffff) &&
           parse_number(word.substr(5), 16, 0xffff);
}

/// What all messages about a device have; nothing when the word names none. It need not be plugged
/// in: one asks after it has gone.
std::optional<std::string> field_of_device(const std::string& word) {
    if (is_port(word)) {
        return std::string(field::port) + "=" + word;
    }
    if (is_id(word)) {
        return std::string(field::id) + "=" + lower(word);
    }
    if (word.starts_with("/dev/")) {
        return std::string(field::device) + "=" + word;
    }
    for (const std::string& unit : {word, word + ".service"}) {
        if (const auto node = node_of_device_unit(unit)) {
            return std::string(field::device) + "=" + *node;
        }
    }
    return std::nullopt;
}

} // namespace

int log(const LogRequest& request) {
    JournalQuery query;
    const auto device = field_of_device(request.word);
    if (!request.word.empty()) {
        query.fields = {device ? *device : std::string(field::guest) + "=" + request.word};
    } else {
        query.message_ids = event_ids();
    }
    const auto entries = read_journal(query, request.lines);
    if (!entries) {
        return complain(entries.error().message);
    }
    World world;
    const bool may_be_guest = !request.word.empty() && !device;
    if (entries->empty() && may_be_guest && world.configuration().find(request.word) == nullptr) {
        return no_such_guest(world, request.word);
    }
    for (const JournalEntry& entry : *entries) {
        Event event = event_of(entry);
        // A device that waits for several has a field for each of them.
        event.guest = may_be_guest ? printable(request.word) : event.guest;
        if (request.json) {
            print_json_line(event_json(event));
        } else {
            std::printf("%s", event_line(event, true).c_str());
        }
        if (is_output_closed()) {
            break;
        }
    }
    return entries->empty()
               ? complain("The journal has no message about it that you may read", exit_success)
               : exit_success;
}

} // namespace usb_hotplug::ctl
