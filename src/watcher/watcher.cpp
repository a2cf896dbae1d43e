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
    taking_out_.clear();
    backend_.reset();
    systemd_.reset();
    devices_.reset();
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
    // SIGCHLD for sd_event_add_child(3).
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
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
    for (auto [source, callback] : {std::pair{&turn_, &on_turn}, std::pair{&again_, &on_again},
                                    std::pair{&retry_, &on_retry}}) {
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
    auto devices = DeviceWatch::open(event_.get(), [this](DeviceWatch::News news) {
        causes_.departed |= news == DeviceWatch::News::Departed;
        wake(burst_us);
    });
    if (!devices) {
        return forward(devices);
    }
    devices_ = std::move(*devices);
    prepare_watching(event_.get());
    return {};
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

int Watcher::on_again(sd_event_source* /*source*/, std::uint64_t /*usec*/, void* self) {
    static_cast<Watcher*>(self)->wake(0);
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
    wake(burst_us);
}

void Watcher::wake(std::uint64_t delay_us) {
    (void)sd_event_source_set_time_relative(turn_.get(), delay_us);
    (void)sd_event_source_set_enabled(turn_.get(), SD_EVENT_ONESHOT);
}

std::uint64_t Watcher::now_us() const {
    std::uint64_t now = 0;
    (void)sd_event_now(event_.get(), CLOCK_MONOTONIC, &now);
    return now;
}

/// The nearest of several such wishes counts; the look finds the others again.
void Watcher::look_again_in(std::uint64_t delay_us) {
    int enabled = SD_EVENT_OFF;
    std::uint64_t at = 0;
    (void)sd_event_source_get_enabled(again_.get(), &enabled);
    (void)sd_event_source_get_time(again_.get(), &at);
    if (enabled == SD_EVENT_OFF || at > now_us() + delay_us) {
        (void)sd_event_source_set_time_relative(again_.get(), delay_us);
        (void)sd_event_source_set_enabled(again_.get(), SD_EVENT_ONESHOT);
    }
}

/// Connects to what is not connected, and looks; that is tried again until it works.
void Watcher::connect() {
    if (!systemd_) {
        if (auto reached = reach_systemd(); !reached) {
            lose(message_id::bus_lost, reached.error().message);
            return;
        }
    }
    if (!backend_) {
        if (auto reached = reach_guest(); !reached) {
            lose(message_id::hypervisor_lost, reached.error().message);
            return;
        }
    }
    Causes causes;
    causes.fresh = true;
    reconcile(causes);
}

Result<> Watcher::reach_systemd() {
    auto opened = Systemd::open();
    if (!opened) {
        return forward(opened);
    }
    auto systemd = std::make_unique<Systemd>(std::move(*opened));
    auto ready = systemd->attach(event_.get());
    if (ready) {
        ready = systemd->on_lost([this] {
            causes_.bus_lost = true;
            wake(0);
        });
    }
    if (ready) {
        ready = systemd->on_job_ended(
            [this](const std::string& unit, const std::string& /*result*/) { on_job_ended(unit); });
    }
    if (ready) {
        systemd_ = std::move(systemd);
    }
    return ready;
}

Result<> Watcher::reach_guest() {
    auto opened = open_backend(address_);
    if (!opened) {
        return forward(opened);
    }
    auto watched = (*opened)->watch([this](GuestEvent event) {
        causes_.guest_started |= event == GuestEvent::Started;
        causes_.fresh |= event == GuestEvent::Started || event == GuestEvent::Stopped;
        causes_.devices_changed |= event == GuestEvent::DevicesChanged;
        causes_.freed |= event == GuestEvent::Freed;
        causes_.lost |= event == GuestEvent::Lost;
        // Never handled right here: this is the backend's callback, and Lost ends the backend.
        const bool urgent = event == GuestEvent::Started || event == GuestEvent::Stopped ||
                            event == GuestEvent::Lost;
        wake(urgent ? 0 : burst_us);
    });
    if (watched) {
        backend_ = std::move(*opened);
    }
    return watched;
}

/// Said once, however often connecting fails.
void Watcher::lose(std::string_view id, const std::string& message) {
    if (lost_.empty()) {
        log(Level::Error, id, message + "; trying again until it answers", {{field::guest, name_}});
        lost_ = id;
    }
    status(message + "; trying again");
    retry_us_ = std::clamp(retry_us_ * 2, first_retry_us, longest_retry_us);
    (void)sd_event_source_set_time_relative(retry_.get(), retry_us_);
    (void)sd_event_source_set_enabled(retry_.get(), SD_EVENT_ONESHOT);
}

void Watcher::found() {
    const bool bus = lost_ == message_id::bus_lost;
    if (!lost_.empty()) {
        log(Level::Info, bus ? message_id::bus_found : message_id::hypervisor_found,
            "Connected to " + (bus ? "systemd" : printable(address_.target)) + " again",
            {{field::guest, name_}});
    }
    lost_ = {};
    retry_us_ = 0;
    (void)sd_event_source_set_enabled(retry_.get(), SD_EVENT_OFF);
}

void Watcher::turn() {
    const Causes causes = std::exchange(causes_, {});
    if (causes.bus_lost) {
        systemd_.reset();
    }
    if (causes.lost) {
        backend_.reset();
    }
    if (causes.departed && systemd_) {
        World world;
        forget_stale_failures(world);
    }
    if (causes.reload) {
        reload();
    }
    if (causes.lost || causes.bus_lost) {
        connect();
    } else if (backend_ && systemd_) {
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
    const bool moved = guest->address != address_;
    address_ = guest->address;
    causes_.fresh = true;
    causes_.lost |= moved || !backend_;
    wake(0);
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
