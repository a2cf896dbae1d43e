// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl monitor: what happens, as it happens. Plugging is udev's word, the rest is that of
// our services in the journal.

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/events.h"
#include "ctl/terminal.h"
#include "host/journal.h"
#include "host/plug_watch.h"
#include "host/state.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <unistd.h>

namespace usb_hotplug::ctl {

namespace {

using EventLoop = Handle<sd_event, sd_event_unref>;

std::chrono::microseconds now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

Event event_about(const Device& device, std::string kind, std::string text) {
    Event event;
    event.time = now();
    event.kind = std::move(kind);
    event.port = printable(device.port);
    event.node = device.node;
    event.id = device.id_text();
    event.text = std::move(text);
    return event;
}

/// Of udev's "win10 work": "win10, work".
std::string guests_text(const std::string& property) {
    const auto names = split(property, ' ');
    return printable(join({names.begin(), names.end()}), 1000);
}

class Monitor {
public:
    Monitor(sd_event* loop, bool json) : loop_(loop), json_(json) {}

    void plugged(const PlugEvent& what) {
        const Device& device = what.device;
        const std::string who = device.id_text() + " at port " + printable(device.port);
        if (!what.is_arrival) {
            plugged_at_.erase(device.node);
            show(event_about(device, "unplugged", who));
            return;
        }
        plugged_at_[device.node] = now_since_boot();
        const std::string name = device.name();
        show(event_about(device, "plugged", who + (name.empty() ? "" : ", " + name)));
        const auto guests = device.properties.find("USB_HOTPLUG_GUESTS");
        if (guests != device.properties.end() && !guests->second.empty()) {
            show(event_about(device, "matched",
                             who + " is wanted by " + guests_text(guests->second)));
        }
    }

    void wrote(const JournalEntry& entry) {
        Event event = event_of(entry);
        const auto plugged = plugged_at_.find(entry.device);
        // Only the first time: what comes later is no answer to the plugging in.
        if (event.kind == "attached" && plugged != plugged_at_.end() && entry.since_boot) {
            event.took =
                std::max(*entry.since_boot - plugged->second, std::chrono::microseconds(0));
            plugged_at_.erase(plugged);
        }
        show(event);
    }

private:
    void show(const Event& event) {
        if (json_) {
            print_json_line(event_json(event));
        } else {
            std::printf("%s", event_line(event, false).c_str());
        }
        if (is_output_closed()) {
            (void)sd_event_exit(loop_, 0);
        }
    }

    sd_event* loop_;
    bool json_;
    std::map<std::string, std::chrono::microseconds> plugged_at_; ///< by node
};

/// Ends the loop at Ctrl-C, and when nobody reads any more; a file or a terminal cannot say so.
int set_up_end(sd_event* loop) {
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, nullptr);
    int r = sd_event_add_signal(loop, nullptr, SIGINT, nullptr, nullptr);
    if (r >= 0) {
        r = sd_event_add_signal(loop, nullptr, SIGTERM, nullptr, nullptr);
    }
    (void)sd_event_add_io(
        loop, nullptr, STDOUT_FILENO, 0,
        [](sd_event_source* source, int /*fd*/, std::uint32_t /*events*/, void* /*none*/) {
            return sd_event_exit(sd_event_source_get_event(source), 0);
        },
        nullptr);
    return r;
}

} // namespace

int monitor(bool json) {
    sd_event* raw = nullptr;
    int r = sd_event_new(&raw);
    const EventLoop loop(raw);
    if (r >= 0) {
        r = set_up_end(raw);
    }
    if (r < 0) {
        return complain(std::string("Cannot watch anything: ") + std::strerror(-r));
    }
    Monitor shown(raw, json);
    const auto plugs = PlugWatch::open(raw, [&](const PlugEvent& event) { shown.plugged(event); });
    const auto messages = JournalWatch::open(
        raw, {{}, event_ids()}, [&](const JournalEntry& entry) { shown.wrote(entry); });
    if (!plugs || !messages) {
        return complain((plugs ? messages.error() : plugs.error()).message);
    }
    std::fprintf(stderr, "Watching USB devices and their guests; Ctrl-C ends it.\n");
    r = sd_event_loop(raw);
    return r < 0 ? complain(std::string("Cannot watch any longer: ") + std::strerror(-r))
                 : exit_success;
}

} // namespace usb_hotplug::ctl
