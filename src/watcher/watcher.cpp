// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The watcher's life: events in, one look after each burst of them. What a look does is in
// reconcile.cpp.

#include "watcher/watcher.h"

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

namespace usb_hotplug {

namespace {

/// Events come in bursts; one look after the burst is enough.
constexpr std::uint64_t burst_us = 50'000;
constexpr std::uint64_t first_retry_us = 1'000'000;
constexpr std::uint64_t longest_retry_us = 30'000'000;

Result<> check(int r, const char* what) {
    return r < 0 ? fail(std::string(what) + ": " + std::strerror(-r), -r) : Result<>();
}

} // namespace

Result<> Watcher::run() {
    if (auto ready = set_up(); !ready) {
        return ready;
    }
    connect();
    World world;
    forget_stale_failures(world);
    (void)sd_notify(0, "READY=1");
    const int r = sd_event_loop(event_.get());
    // Connections are closed while the loop that they are registered with is still there.
    backend_.reset();
    departures_.reset();
    return check(r, "The event loop failed");
}

Result<> Watcher::set_up() {
    sd_event* raw = nullptr;
    if (auto made = check(sd_event_default(&raw), "Cannot make an event loop"); !made) {
        return made;
    }
    event_.reset(raw);
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&blocked, signal);
    }
    (void)sigprocmask(SIG_BLOCK, &blocked, nullptr);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sd_event_source* source = nullptr;
        if (auto added = check(sd_event_add_signal(event_.get(), &source, signal, on_signal, this),
                               "Cannot watch signals");
            !added) {
            return added;
        }
        signals_.emplace_back(source);
    }
    for (auto [source, callback] : {std::pair{&turn_, &on_turn}, std::pair{&retry_, &on_retry}}) {
        sd_event_source* timer = nullptr;
        if (auto added = check(sd_event_add_time_relative(event_.get(), &timer, CLOCK_MONOTONIC, 0,
                                                          1000, callback, this),
                               "Cannot make a timer");
            !added) {
            return added;
        }
        source->reset(timer);
        (void)sd_event_source_set_enabled(timer, SD_EVENT_OFF);
    }
    auto opened = Systemd::open();
    if (!opened) {
        return forward(opened);
    }
    systemd_ = std::make_unique<Systemd>(std::move(*opened));
    if (auto attached = systemd_->attach(event_.get()); !attached) {
        return attached;
    }
    auto departures = DepartureWatch::open(event_.get(), [this] {
        causes_.departed = true;
        wake(burst_us);
    });
    if (!departures) {
        return forward(departures);
    }
    departures_ = std::move(*departures);
    auto watched = systemd_->on_job_ended(
        [this](const std::string& unit, const std::string& /*result*/) { on_job_ended(unit); });
    return watched ? prepare_watching(event_.get()) : watched;
}

int Watcher::on_signal(sd_event_source* source, const signalfd_siginfo* info, void* self) {
    auto* watcher = static_cast<Watcher*>(self);
    if (info->ssi_signo != SIGHUP) {
        return sd_event_exit(sd_event_source_get_event(source), 0);
    }
    std::uint64_t now = 0;
    (void)sd_event_now(watcher->event_.get(), CLOCK_MONOTONIC, &now);
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", static_cast<unsigned long long>(now));
    watcher->causes_.reload = true;
    watcher->wake(0);
    return 0;
}

int Watcher::on_turn(sd_event_source* /*source*/, std::uint64_t /*usec*/, void* self) {
    static_cast<Watcher*>(self)->turn();
    return 0;
}

int Watcher::on_retry(sd_event_source* /*source*/, std::uint64_t /*usec*/, void* self) {
    static_cast<Watcher*>(self)->connect();
    return 0;
}

void Watcher::on_job_ended(const std::string& unit) {
    const auto node = node_of_device_unit(unit);
    if (!node) {
        return;
    }
    if (ended_by_us_.erase(unit) > 0) {
        (void)State(state_folder()).remove_mark(Mark::Released, escape_path(*node));
    }
    // A unit can fail because its device goes, and after we have heard that it is gone.
    std::error_code ignored;
    causes_.departed |= !std::filesystem::exists(*node, ignored);
    wake(burst_us);
}

void Watcher::wake(std::uint64_t delay_us) {
    (void)sd_event_source_set_time_relative(turn_.get(), delay_us);
    (void)sd_event_source_set_enabled(turn_.get(), SD_EVENT_ONESHOT);
}

void Watcher::connect() {
    backend_.reset();
    auto opened = open_backend(address_);
    auto watched = opened ? (*opened)->watch([this](GuestEvent event) {
        causes_.guest_started |= event == GuestEvent::Started;
        causes_.fresh |= event == GuestEvent::Started || event == GuestEvent::Stopped;
        causes_.devices_changed |= event == GuestEvent::DevicesChanged;
        causes_.lost |= event == GuestEvent::Lost;
        // Never handled right here: this is libvirt's callback, and Lost ends the connection.
        wake(event == GuestEvent::DevicesChanged ? burst_us : 0);
    })
                          : Result<>(tl::unexpected<Error>(opened.error()));
    if (!watched) {
        if (!lost_) {
            log(Level::Error, message_id::hypervisor_lost,
                watched.error().message + "; trying again until it answers",
                {{field::guest, name_}});
        }
        lost_ = true;
        status(watched.error().message + "; trying again");
        retry_later();
        return;
    }
    backend_ = std::move(*opened);
    retry_us_ = 0;
    if (lost_) {
        log(Level::Info, message_id::hypervisor_found,
            "Connected to " + printable(address_.target) + " again", {{field::guest, name_}});
    }
    lost_ = false;
    Causes causes;
    causes.fresh = true;
    reconcile(causes);
}

void Watcher::retry_later() {
    retry_us_ = std::clamp(retry_us_ * 2, first_retry_us, longest_retry_us);
    (void)sd_event_source_set_time_relative(retry_.get(), retry_us_);
    (void)sd_event_source_set_enabled(retry_.get(), SD_EVENT_ONESHOT);
}

void Watcher::turn() {
    const Causes causes = std::exchange(causes_, {});
    if (causes.departed) {
        World world;
        forget_stale_failures(world);
    }
    if (causes.reload) {
        reload();
    }
    if (causes.lost) {
        connect();
    } else if (backend_) {
        reconcile(causes);
    }
}

/// A broken file changes nothing: the rules before stay in force, and the mistakes are said.
void Watcher::reload() {
    const World world;
    const Guest* guest = world.configuration().find(name_);
    const std::string errors = world.configuration().errors_of(name_);
    log_mistakes(name_, guest == nullptr && errors.empty()
                            ? "The configuration of " + name_ + " is gone; it keeps what it has"
                            : errors);
    (void)sd_notify(0, "READY=1");
    if (guest == nullptr) {
        wake(0);
        return;
    }
    const bool moved =
        guest->address.target != address_.target || guest->address.domain != address_.domain;
    address_ = guest->address;
    causes_.fresh = true;
    if (moved || !backend_) {
        connect();
    } else {
        wake(0);
    }
}

void log_mistakes(const std::string& guest, const std::string& mistakes) {
    for (const std::string_view line : split(mistakes, '\n')) {
        if (!line.empty()) {
            log(Level::Error, message_id::configuration_broken, std::string(line),
                {{field::guest, guest}});
        }
    }
}

void Watcher::status(const std::string& text) {
    // One line: the rest would be other assignments.
    const auto lines = split(text, '\n');
    (void)sd_notifyf(0, "STATUS=%s", join({lines.begin(), lines.end()}, "; ").c_str());
}

} // namespace usb_hotplug
