// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The watcher of one guest: holds "should be attached" against "is attached" whenever the guest,
// its hypervisor, the configuration or one of its device units changes, and repairs the difference
// by starting and stopping device units. It attaches nothing itself and keeps no list of its own.

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "guest/backend.h"
#include "host/devices.h"
#include "host/state.h"
#include "host/systemd.h"
#include "service/situation.h"
#include "service/world.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <systemd/sd-event.h>
#include <vector>

namespace usb_hotplug {

class Watcher {
public:
    explicit Watcher(const Guest& guest) : name_(guest.name), address_(guest.address) {}

    /// Runs until SIGTERM. SIGHUP reads the configuration again.
    Result<> run();

private:
    /// Why we look. A fresh look gives failed units a new chance at once, the others do not: a
    /// unit that fails would be started for ever.
    struct Causes {
        bool fresh = false;
        bool guest_started = false;
        bool devices_changed = false; ///< of the guest
        bool freed = false;           ///< what somebody was in the way of may be possible now
        bool departed = false;        ///< a device or a disk left the host
        bool lost = false;            ///< the hypervisor
        bool bus_lost = false;
        bool reload = false;
    };

    /// What one look found.
    struct Scene {
        std::map<std::string, UnitState> units;
        std::vector<std::string> aliases;
        std::vector<AttachRecord> records;
        std::vector<Device> devices;
    };

    /// Starts of one device's unit, since the last fresh look.
    struct Attempts {
        std::size_t count = 0;
        std::uint64_t not_before_us = 0; ///< CLOCK_MONOTONIC; 0 where the first did not fail yet
    };

    // watcher.cpp
    Result<> set_up();
    void connect();
    Result<> reach_systemd();
    Result<> reach_guest();
    void lose(std::string_view id, const std::string& message);
    void found();
    void wake(std::uint64_t delay_us);
    void look_again_in(std::uint64_t delay_us);
    [[nodiscard]] std::uint64_t now_us() const;
    void turn();
    void reload();
    void on_job_ended(const std::string& unit);
    void status(const std::string& text);

    // reconcile.cpp
    void reconcile(Causes causes);
    Result<Scene> look();
    void for_running(World& world, const Scene& scene, const Causes& causes);
    void give_all_back(const Scene& scene, const std::string& why);
    void for_device(World& world, const Device& device, const Scene& scene, const Causes& causes);
    [[nodiscard]] bool may_start(const State& state, const Device& device, const UnitState& unit,
                                 const Causes& causes);
    void ask(UnitVerb verb, const std::string& unit, const std::string& why);
    void end(const std::string& unit, const std::string& why);
    [[nodiscard]] bool settled_active(const std::string& unit) const;
    void report(GuestState state, bool paused, std::size_t devices, const std::string& trouble);
    [[nodiscard]] std::string trouble_of(const Configuration& configuration) const;

    // leftovers.cpp
    void remove_leftovers(const Scene& scene);
    void take_out(const std::string& instance);
    void remove_strays(const Scene& scene);
    [[nodiscard]] bool settled_idle(const std::string& unit) const;
    static int on_taken_out(sd_event_source* source, const siginfo_t* info, void* self);

    static int on_signal(sd_event_source* source, const signalfd_siginfo* info, void* self);
    static int on_turn(sd_event_source* source, std::uint64_t usec, void* self);
    static int on_retry(sd_event_source* source, std::uint64_t usec, void* self);
    static int on_again(sd_event_source* source, std::uint64_t usec, void* self);

    using Event = Handle<sd_event, sd_event_unref>;
    using Source = Handle<sd_event_source, sd_event_source_disable_unref>;

    std::string name_;
    GuestAddress address_;
    Event event_;
    Source turn_;  ///< the look after a burst of events
    Source again_; ///< the look after the pause of a failed start
    Source retry_; ///< to connect
    std::vector<Source> signals_;
    std::uint64_t retry_us_ = 0;
    std::string_view lost_;     ///< what is, as the message that said so; empty when nothing is
    std::string_view reported_; ///< what the last report said of the guest, as its message
    Causes causes_;
    std::map<std::string, Attempts> attempts_; ///< by plug_id
    std::vector<std::string> had_;             ///< the aliases that the last look found
    std::set<std::string> ended_by_us_; ///< units that we stop, so that no user has released them
    std::map<pid_t, std::pair<std::string, Source>> taking_out_; ///< workers, and their instances
    std::optional<DeviceWatch> devices_;
    std::unique_ptr<Systemd> systemd_;
    std::shared_ptr<Backend> backend_;
};

/// Says the mistakes of a guest's file, each by itself.
void log_mistakes(const std::string& guest, const std::string& mistakes);

} // namespace usb_hotplug
