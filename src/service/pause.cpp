// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/pause.h"

#include "base/text.h"
#include "base/unit_name.h"
#include "host/disks.h"

#include <algorithm>
#include <functional>

namespace usb_hotplug {

namespace {

/// Longer than the units' own limits.
constexpr auto job_limit = std::chrono::seconds(200);

using Concerns = std::function<bool(const std::string& guest)>;

const Concerns everybody = [](const std::string& /*guest*/) { return true; };

Concerns only(const std::string& guest) {
    return [guest](const std::string& other) { return other == guest; };
}

Result<PauseReport> run(World& world, UnitVerb verb, const std::vector<std::string>& units,
                        const char* what) {
    PauseReport report;
    if (units.empty()) {
        return report;
    }
    auto systemd = world.systemd();
    if (!systemd) {
        return forward(systemd);
    }
    auto results = (*systemd)->run(verb, units, job_limit);
    if (!results) {
        return forward(results);
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
        const auto now = (*systemd)->state(units[i]);
        const bool should_be_active = verb == UnitVerb::Start;
        if ((*results)[i].done() && now && now->is_active() == should_be_active) {
            ++report.moved;
        } else if (!(*results)[i].done() || !now || now->active == "failed") {
            report.failures.push_back(std::string(what) + " " + units[i] + " ended with '" +
                                      (*results)[i].result + "'; see 'systemctl status " +
                                      units[i] + "'");
        }
    }
    return report;
}

/// The watchers look at once, and say in their status that it is so.
void nudge_watchers(World& world, const Concerns& concerns) {
    const auto systemd = world.systemd();
    if (!systemd) {
        return;
    }
    for (const Guest& guest : world.configuration().guests) {
        const std::string watcher = guest_watcher_unit(guest.name);
        const auto now =
            concerns(guest.name) ? (*systemd)->state(watcher) : Result<UnitState>(UnitState());
        if (now && now->is_active()) {
            (void)(*systemd)->enqueue(UnitVerb::Reload, watcher);
        }
    }
}

Result<PauseReport> take_back(World& world, const Concerns& concerns) {
    std::vector<std::string> units;
    for (const AttachRecord& record : world.state().records()) {
        if (concerns(record.guest)) {
            units.push_back(device_unit_of(record.instance));
        }
    }
    nudge_watchers(world, concerns);
    return run(world, UnitVerb::Stop, units, "Stopping");
}

/// The units of the devices that are kept for these guests, or that would go to one of them.
Result<std::vector<std::string>> waiting_units(World& world, const Concerns& concerns) {
    auto devices = list_devices_and_disks();
    if (!devices) {
        return forward(devices);
    }
    std::vector<std::string> units;
    for (const Device& device : *devices) {
        const std::string instance = escape_path(device.node);
        const std::string plug = plug_id(device.syspath);
        const auto kept = world.state().read_mark(Mark::Kept, instance, plug);
        const Decision decision = world.decision(device);
        const bool wanted =
            std::any_of(decision.verdicts.begin(), decision.verdicts.end(),
                        [&](const Verdict& v) { return v.wanted() && concerns(v.guest->name); });
        const auto record = world.state().read_record(instance);
        if ((wanted || (kept && concerns(*kept))) && record && !*record &&
            !world.state().read_mark(Mark::Released, instance, plug)) {
            units.push_back(device_unit(device.node));
        }
    }
    return units;
}

/// A guest that went off while it was paused, and does not say that its devices stay, does not keep
/// them from others.
void let_go(World& world, const Concerns& concerns) {
    for (const Guest& guest : world.configuration().guests) {
        if (concerns(guest.name) && !guest.stay &&
            world.availability(guest) != Availability::Ready) {
            world.state().forget_marks(Mark::Kept, guest.name);
        }
    }
}

Result<PauseReport> give_again(World& world, const Concerns& concerns) {
    auto units = waiting_units(world, concerns);
    if (!units) {
        return forward(units);
    }
    let_go(world, concerns);
    nudge_watchers(world, concerns);
    return run(world, UnitVerb::Start, *units, "Starting");
}

} // namespace

Result<PauseReport> pause_guest(World& world, const std::string& guest) {
    if (auto paused = world.state().pause(guest); !paused) {
        return forward(paused);
    }
    return take_back(world, only(guest));
}

Result<PauseReport> resume_guest(World& world, const std::string& guest) {
    if (auto resumed = world.state().resume(guest); !resumed) {
        return forward(resumed);
    }
    return give_again(world, only(guest));
}

Result<PauseReport> fall_asleep(World& world) {
    if (auto asleep = world.state().fall_asleep(); !asleep) {
        return forward(asleep);
    }
    return take_back(world, everybody);
}

Result<PauseReport> wake_up(World& world) {
    if (auto awake = world.state().wake_up(); !awake) {
        return forward(awake);
    }
    return give_again(world, everybody);
}

} // namespace usb_hotplug
