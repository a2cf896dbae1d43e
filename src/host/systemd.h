// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The service manager over D-Bus (org.freedesktop.systemd1(5)): units, their states, and jobs.

#pragma once

#include "base/handles.h"
#include "base/result.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <vector>

namespace usb_hotplug {

/// A unit as systemd sees it. A unit that is not loaded is "inactive".
struct UnitState {
    std::string name;
    std::string active; ///< "active", "inactive", "failed", "activating", "deactivating"
    bool has_job = false;

    [[nodiscard]] bool is_active() const { return active == "active" || active == "reloading"; }
    /// Neither on nor on its way.
    [[nodiscard]] bool is_idle() const {
        return !has_job && (active == "inactive" || active == "failed");
    }
};

/// How systemd knows the file of a unit.
struct UnitFile {
    std::string load;      ///< "loaded", "not-found", "masked", "bad-setting", "error"
    bool is_stale = false; ///< the file on disk is newer than what systemd has loaded
};

/// How a job ended: "done", "failed", "timeout", "dependency", "canceled", "skipped".
struct JobResult {
    std::string result;
    [[nodiscard]] bool done() const { return result == "done" || result == "skipped"; }
};

enum class UnitVerb { Start, Stop, Restart, Reload };

class Systemd {
public:
    /// Connects to the system bus.
    static Result<Systemd> open();

    /// The state of one unit.
    [[nodiscard]] Result<UnitState> state(const std::string& unit) const;
    /// Whether a unit is active and shall stay so, or shall become so: what counts is the job it
    /// has, as at boot before it is started, or while it is stopped; without one, its state.
    [[nodiscard]] Result<bool> is_on(const std::string& unit) const;
    /// All loaded units whose names match a glob.
    [[nodiscard]] Result<std::vector<UnitState>> list(const std::string& pattern) const;
    /// How a unit's file is known. systemd loads it if it was not.
    [[nodiscard]] Result<UnitFile> file(const std::string& unit) const;
    /// What a service last said of itself (sd_notify STATUS=); may be empty.
    [[nodiscard]] Result<std::string> status_text(const std::string& unit) const;

    /// Lets systemd forget that a unit has failed; one that has not, or is not loaded, is fine.
    void reset_failed(const std::string& unit) const;

    /// Asks for a job and does not wait. Mode "replace" supersedes a stop that is still running.
    [[nodiscard]] Result<> enqueue(UnitVerb verb, const std::string& unit) const;
    /// Asks for jobs on all these units and waits until they have ended, in the order of `units`.
    [[nodiscard]] Result<std::vector<JobResult>>
    run(UnitVerb verb, const std::vector<std::string>& units, std::chrono::seconds limit) const;

    /// Calls back for every job that ends, from the event loop that the bus is attached to.
    using JobEnded = std::function<void(const std::string& unit, const std::string& result)>;
    Result<> on_job_ended(JobEnded callback);
    [[nodiscard]] Result<> attach(sd_event* event) const;
    /// Calls back once, from the event loop, when the bus has closed the connection, as it does
    /// when it is restarted. Nothing works from then on; open another one, but not in the callback.
    Result<> on_lost(std::function<void()> callback);

private:
    using Bus = Handle<sd_bus, sd_bus_flush_close_unref>;
    explicit Systemd(Bus bus) : bus_(std::move(bus)) {}
    [[nodiscard]] Result<std::string> call(UnitVerb verb, const std::string& unit) const;
    static int disconnected(sd_bus_message* message, void* self, sd_bus_error* error);
    static int job_removed(sd_bus_message* message, void* self, sd_bus_error* error);

    Bus bus_;
    // On the heap: the matches keep their addresses while this object may move.
    std::unique_ptr<JobEnded> job_ended_;
    std::unique_ptr<std::function<void()>> lost_;
};

} // namespace usb_hotplug
