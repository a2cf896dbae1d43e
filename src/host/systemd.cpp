// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/systemd.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

namespace usb_hotplug {

namespace {

using Message = Handle<sd_bus_message, sd_bus_message_unref>;
using Slot = Handle<sd_bus_slot, sd_bus_slot_unref>;
using Clock = std::chrono::steady_clock;

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";

/// sd_bus_error with a destructor.
struct BusError {
    sd_bus_error raw = SD_BUS_ERROR_NULL;
    BusError() = default;
    BusError(const BusError&) = delete;
    BusError& operator=(const BusError&) = delete;
    ~BusError() { sd_bus_error_free(&raw); }

    [[nodiscard]] tl::unexpected<Error> fail(const std::string& what, int r) const {
        const char* text = raw.message != nullptr ? raw.message : std::strerror(-r);
        return usb_hotplug::fail(what + ": " + text, -r);
    }
};

std::string unit_path(const std::string& unit) {
    char* raw = nullptr;
    if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &raw) < 0) {
        return {};
    }
    const Handle<char, std::free> path(raw);
    return path.get();
}

const char* method_of(UnitVerb verb) {
    switch (verb) {
    case UnitVerb::Start:
        return "StartUnit";
    case UnitVerb::Stop:
        return "StopUnit";
    case UnitVerb::Restart:
        return "RestartUnit";
    case UnitVerb::Reload:
        return "ReloadUnit";
    }
    return "";
}

std::string_view word_of(UnitVerb verb) {
    switch (verb) {
    case UnitVerb::Start:
        return "start";
    case UnitVerb::Stop:
        return "stop";
    case UnitVerb::Restart:
        return "restart";
    case UnitVerb::Reload:
        return "reload";
    }
    return "";
}

Result<std::string> string_property(sd_bus* bus, const std::string& unit, const char* interface,
                                    const char* property) {
    BusError error;
    char* raw = nullptr;
    const int r = sd_bus_get_property_string(bus, service, unit_path(unit).c_str(), interface,
                                             property, &error.raw, &raw);
    const Handle<char, std::free> value(raw);
    if (r < 0) {
        return error.fail("Cannot read " + std::string(property) + " of " + unit, r);
    }
    return std::string(value.get());
}

/// One row of ListUnitsByPatterns.
std::optional<UnitState> read_unit(sd_bus_message* reply) {
    const char* name = nullptr;
    const char* active = nullptr;
    const char* skipped = nullptr;
    std::uint32_t job = 0;
    const int r = sd_bus_message_read(reply, "(ssssssouso)", &name, &skipped, &skipped, &active,
                                      &skipped, &skipped, &skipped, &job, &skipped, &skipped);
    if (r <= 0) {
        return std::nullopt;
    }
    return UnitState{name, active, job != 0};
}

/// What one wait for several jobs knows: the job's object path and how it ended.
struct Waiting {
    std::map<std::string, std::string> ended;

    static int job_removed(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
        const char* job = nullptr;
        const char* result = nullptr;
        std::uint32_t id = 0;
        const char* unit = nullptr;
        if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0) {
            static_cast<Waiting*>(self)->ended[job] = result;
        }
        return 0;
    }
};

Result<> subscribe(sd_bus* bus) {
    BusError error;
    const int r = sd_bus_call_method(bus, service, manager_path, manager, "Subscribe", &error.raw,
                                     nullptr, nullptr);
    // A second subscription of the same client is not needed and not an error to us.
    if (r < 0 && !sd_bus_error_has_name(&error.raw, "org.freedesktop.systemd1.AlreadySubscribed")) {
        return error.fail("Cannot subscribe to systemd's signals", r);
    }
    return {};
}

/// The type of the unit's job ("start", "stop"), or empty when it has none.
Result<std::string> job_type(sd_bus* bus, const std::string& unit) {
    BusError error;
    sd_bus_message* raw = nullptr;
    int r = sd_bus_get_property(bus, service, unit_path(unit).c_str(), unit_interface, "Job",
                                &error.raw, &raw, "(uo)");
    const Message reply(raw);
    std::uint32_t id = 0;
    const char* path = nullptr;
    if (r >= 0) {
        r = sd_bus_message_read(reply.get(), "(uo)", &id, &path);
    }
    if (r < 0) {
        return error.fail("Cannot read the job of " + unit, r);
    }
    if (id == 0) {
        return std::string();
    }
    BusError ended;
    char* type = nullptr;
    // A job that ended between the two calls is no job.
    (void)sd_bus_get_property_string(bus, service, path, "org.freedesktop.systemd1.Job", "JobType",
                                     &ended.raw, &type);
    const Handle<char, std::free> owned(type);
    return std::string(type == nullptr ? "" : type);
}

} // namespace

Result<Systemd> Systemd::open() {
    sd_bus* raw = nullptr;
    const int r = sd_bus_open_system(&raw);
    Bus bus(raw);
    if (r < 0) {
        return fail(std::string("Cannot connect to the system bus: ") + std::strerror(-r) +
                        "; is dbus.service running?",
                    -r);
    }
    return Systemd(std::move(bus));
}

Result<UnitState> Systemd::state(const std::string& unit) const {
    auto active = string_property(bus_.get(), unit, unit_interface, "ActiveState");
    if (!active) {
        return forward(active);
    }
    auto job = job_type(bus_.get(), unit);
    if (!job) {
        return forward(job);
    }
    return UnitState{unit, *active, !job->empty()};
}

Result<bool> Systemd::is_on(const std::string& unit) const {
    auto job = job_type(bus_.get(), unit);
    if (!job) {
        return forward(job);
    }
    if (!job->empty()) {
        return *job != "stop";
    }
    auto active = string_property(bus_.get(), unit, unit_interface, "ActiveState");
    if (!active) {
        return forward(active);
    }
    return *active == "active" || *active == "reloading" || *active == "activating";
}

Result<UnitFile> Systemd::file(const std::string& unit) const {
    auto load = string_property(bus_.get(), unit, unit_interface, "LoadState");
    if (!load) {
        return forward(load);
    }
    BusError error;
    int stale = 0;
    const int r =
        sd_bus_get_property_trivial(bus_.get(), service, unit_path(unit).c_str(), unit_interface,
                                    "NeedDaemonReload", &error.raw, SD_BUS_TYPE_BOOLEAN, &stale);
    if (r < 0) {
        return error.fail("Cannot read NeedDaemonReload of " + unit, r);
    }
    return UnitFile{std::move(*load), stale != 0};
}

Result<std::string> Systemd::status_text(const std::string& unit) const {
    return string_property(bus_.get(), unit, service_interface, "StatusText");
}

Result<std::vector<UnitState>> Systemd::list(const std::string& pattern) const {
    BusError error;
    sd_bus_message* raw = nullptr;
    const char* pattern_text = pattern.c_str();
    int r = sd_bus_call_method(bus_.get(), service, manager_path, manager, "ListUnitsByPatterns",
                               &error.raw, &raw, "asas", 0, 1, pattern_text);
    const Message reply(raw);
    if (r >= 0) {
        r = sd_bus_message_enter_container(reply.get(), 'a', "(ssssssouso)");
    }
    if (r < 0) {
        return error.fail("Cannot list the units " + pattern, r);
    }
    std::vector<UnitState> units;
    while (auto unit = read_unit(reply.get())) {
        units.push_back(std::move(*unit));
    }
    return units;
}

void Systemd::reset_failed(const std::string& unit) const {
    (void)sd_bus_call_method(bus_.get(), service, manager_path, manager, "ResetFailedUnit", nullptr,
                             nullptr, "s", unit.c_str());
}

Result<std::string> Systemd::call(UnitVerb verb, const std::string& unit) const {
    BusError error;
    sd_bus_message* raw = nullptr;
    int r = sd_bus_call_method(bus_.get(), service, manager_path, manager, method_of(verb),
                               &error.raw, &raw, "ss", unit.c_str(), "replace");
    const Message reply(raw);
    const char* job = nullptr;
    if (r >= 0) {
        r = sd_bus_message_read(reply.get(), "o", &job);
    }
    if (r < 0) {
        return error.fail("Cannot " + std::string(word_of(verb)) + " " + unit, r);
    }
    return std::string(job);
}

Result<> Systemd::enqueue(UnitVerb verb, const std::string& unit) const {
    auto job = call(verb, unit);
    return job ? Result<>() : forward(job);
}

Result<std::vector<JobResult>> Systemd::run(UnitVerb verb, const std::vector<std::string>& units,
                                            std::chrono::seconds limit) const {
    // The match comes before the call, so that no job ends unseen.
    Waiting waiting;
    sd_bus_slot* raw = nullptr;
    const int r = sd_bus_match_signal(bus_.get(), &raw, service, manager_path, manager,
                                      "JobRemoved", Waiting::job_removed, &waiting);
    const Slot slot(raw);
    if (r < 0) {
        return fail(std::string("Cannot watch systemd's jobs: ") + std::strerror(-r), -r);
    }
    if (auto subscribed = subscribe(bus_.get()); !subscribed) {
        return forward(subscribed);
    }
    std::vector<std::string> jobs;
    for (const std::string& unit : units) {
        auto job = call(verb, unit);
        if (!job) {
            return forward(job);
        }
        jobs.push_back(std::move(*job));
    }
    const auto end = Clock::now() + limit;
    const auto ended = [&](const std::string& job) { return waiting.ended.contains(job); };
    while (!std::all_of(jobs.begin(), jobs.end(), ended)) {
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(end - Clock::now());
        int processed = sd_bus_process(bus_.get(), nullptr);
        if (processed == 0 && left.count() > 0) {
            processed = sd_bus_wait(bus_.get(), static_cast<std::uint64_t>(left.count()));
        }
        if (processed < 0 && processed != -EINTR) {
            return fail(std::string("Lost the system bus: ") + std::strerror(-processed),
                        -processed);
        }
        if (left.count() <= 0) {
            break;
        }
    }
    std::vector<JobResult> results;
    results.reserve(jobs.size());
    for (const std::string& job : jobs) {
        results.push_back({ended(job) ? waiting.ended[job] : "timeout"});
    }
    return results;
}

int Systemd::job_removed(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
    const char* job = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    std::uint32_t id = 0;
    if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0) {
        (*static_cast<JobEnded*>(self))(unit, result);
    }
    return 0;
}

Result<> Systemd::on_job_ended(JobEnded callback) {
    job_ended_ = std::make_unique<JobEnded>(std::move(callback));
    const int r = sd_bus_match_signal(bus_.get(), nullptr, service, manager_path, manager,
                                      "JobRemoved", job_removed, job_ended_.get());
    if (r < 0) {
        return fail(std::string("Cannot watch systemd's jobs: ") + std::strerror(-r), -r);
    }
    return subscribe(bus_.get());
}

int Systemd::disconnected(sd_bus_message* /*message*/, void* self, sd_bus_error* /*error*/) {
    (*static_cast<std::function<void()>*>(self))();
    return 0;
}

Result<> Systemd::on_lost(std::function<void()> callback) {
    lost_ = std::make_unique<std::function<void()>>(std::move(callback));
    // sd-bus makes this signal itself (sd_bus_set_exit_on_disconnect(3)).
    const int r = sd_bus_match_signal(bus_.get(), nullptr, "org.freedesktop.DBus.Local",
                                      "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                      "Disconnected", disconnected, lost_.get());
    return r < 0 ? fail(std::string("Cannot watch the bus: ") + std::strerror(-r), -r) : Result<>();
}

Result<> Systemd::attach(sd_event* event) const {
    const int r = sd_bus_attach_event(bus_.get(), event, SD_EVENT_PRIORITY_NORMAL);
    return r < 0 ? fail(std::string("Cannot attach the bus: ") + std::strerror(-r), -r)
                 : Result<>();
}

} // namespace usb_hotplug
