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
    /// Why we look. A fresh look gives failed units a new chance, the others do not: a unit that
    /// fails would be started for ever.
    struct Causes {
        bool fresh = false;
        bool guest_started = false;
        bool devices_changed = false; ///< of the guest
        bool departed = false;        ///< a device left the host
        bool lost = false;
        bool reload = false;
    };

    /// What one look found.
    struct Scene {
        std::map<std::string, UnitState> units;
        std::vector<std::string> aliases;
        std::vector<AttachRecord> records;
        std::vector<Device> devices;
    };

    Result<> set_up();
    void connect();
    void retry_later();
    void wake(std::uint64_t delay_us);
    void turn();
    void reload();
    void reconcile(const Causes& causes);
    Result<Scene> look();
    void for_running(World& world, const Scene& scene, const Causes& causes);
    void for_stopped(World& world, const Scene& scene);
    void for_device(World& world, const Device& device, const Scene& scene, const Causes& causes);
    void remove_leftovers(World& world, const Scene& scene);
    void ask(UnitVerb verb, const std::string& unit, const std::string& why);
    void end(const std::string& unit, const std::string& why);
    void on_job_ended(const std::string& unit);
    [[nodiscard]] bool settled_idle(const std::string& unit) const;
    [[nodiscard]] bool settled_active(const std::string& unit) const;
    void report(GuestState state, std::size_t devices, const std::string& trouble);
    [[nodiscard]] std::string trouble_of(const Configuration& configuration) const;
    void status(const std::string& text);

    static int on_signal(sd_event_source* source, const signalfd_siginfo* info, void* self);
    static int on_turn(sd_event_source* source, std::uint64_t usec, void* self);
    static int on_retry(sd_event_source* source, std::uint64_t usec, void* self);

    using Event = Handle<sd_event, sd_event_unref>;
    using Source = Handle<sd_event_source, sd_event_source_disable_unref>;

    std::string name_;
    GuestAddress address_;
    Event event_;
    Source turn_;
    Source retry_;
    std::vector<Source> signals_;
    std::uint64_t retry_us_ = 0;
    bool lost_ = false; ///< and said so
    std::optional<GuestState> reported_;
    Causes causes_;
    std::map<std::string, int> attempts_; ///< starts of a unit since the last fresh look
    std::set<std::string> ended_by_us_;   ///< units that we stop, so that no user has released them
    std::optional<DepartureWatch> departures_;
    std::unique_ptr<Systemd> systemd_;
    std::shared_ptr<Backend> backend_;
};

/// Says the mistakes of a guest's file, each by itself.
void log_mistakes(const std::string& guest, const std::string& mistakes);

} // namespace usb_hotplug
