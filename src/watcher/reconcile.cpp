// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One look of the watcher: compare, and start or stop units.

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "host/disks.h"
#include "service/attach.h"
#include "service/in_force.h"
#include "watcher/watcher.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

/// How long a unit that has failed is left alone before it is started again, so many times. What
/// passes, passes in this time: a daemon that restarts, a full disk that somebody clears.
constexpr std::array<std::uint64_t, 3> pauses_us = {5'000'000, 20'000'000, 60'000'000};

/// Of more devices than can be plugged in at once: most have left since.
constexpr std::size_t attempts_max = 1000;

bool has(const std::vector<std::string>& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// Adds the devices of failed units that udev could not note, as when /run is full. It has looked
/// at them all the same, or they would have no unit.
void add_unnoted(const std::map<std::string, UnitState>& units, std::vector<Device>& devices) {
    for (const auto& [name, unit] : units) {
        const auto node = node_of_device_unit(name);
        if (unit.active != "failed" || !node ||
            std::any_of(devices.begin(), devices.end(),
                        [&](const Device& device) { return device.node == *node; })) {
            continue;
        }
        auto device = find_device(*node);
        if (device && *device && !(*device)->is_hub()) {
            devices.push_back(std::move(**device));
        }
    }
}

} // namespace

/// In this order: a unit is active only after its device is attached, and a record is there before
/// that. So an alias without a record belongs to nobody.
Result<Watcher::Scene> Watcher::look() {
    Scene scene;
    auto units = systemd_->list("usb-hotplug@dev-*.service");
    if (!units) {
        return forward(units);
    }
    for (UnitState& unit : *units) {
        scene.units.emplace(unit.name, unit);
    }
    auto aliases = backend_->attached();
    if (!aliases) {
        return forward(aliases);
    }
    scene.aliases = std::move(*aliases);
    for (AttachRecord& record : State(state_folder()).records()) {
        if (record.guest == name_) {
            scene.records.push_back(std::move(record));
        }
    }
    auto devices = list_devices_and_disks();
    if (!devices) {
        return forward(devices);
    }
    scene.devices = std::move(*devices);
    add_unnoted(scene.units, scene.devices);
    return scene;
}

void Watcher::reconcile(Causes causes) {
    World world;
    world.share_backend(address_, backend_);
    if (causes.fresh || attempts_.size() > attempts_max) {
        attempts_.clear();
    }
    if (const Guest* guest = world.configuration().find(name_)) {
        if (auto kept = keep_in_force(*guest); !kept) {
            log(Level::Warning, "", kept.error().message, {{field::guest, name_}});
        }
    }
    if (causes.guest_started) {
        world.state().forget_marks(Mark::Released, name_);
    }
    const auto state = backend_->state();
    auto scene = state ? look() : Result<Scene>(tl::unexpected<Error>(state.error()));
    if (!scene) {
        lose(message_id::hypervisor_lost, scene.error().message);
        return;
    }
    found();
    // A port of the guest is free.
    causes.freed |= std::any_of(had_.begin(), had_.end(), [&](const std::string& alias) {
        return !has(scene->aliases, alias);
    });
    had_ = scene->aliases;
    // A unit can fail because its device goes, and after we have heard that it is gone.
    const bool any_failed = std::any_of(scene->units.begin(), scene->units.end(),
                                        [](const auto& u) { return u.second.active == "failed"; });
    if (any_failed) {
        forget_stale_failures(world);
    }
    const bool paused = world.state().is_paused(name_);
    if (*state != GuestState::Running) {
        give_all_back(*scene, name_ + " is off");
    } else if (paused) {
        give_all_back(*scene, name_ + " is paused");
    } else {
        for_running(world, *scene, causes);
    }
    remove_leftovers(*scene);
    report(*state, paused, scene->aliases.size(), trouble_of(world.configuration()));
}

void Watcher::give_all_back(const Scene& scene, const std::string& why) {
    for (const AttachRecord& record : scene.records) {
        const auto unit = scene.units.find(device_unit_of(record.instance));
        if (unit != scene.units.end() && unit->second.is_active() && !unit->second.has_job) {
            end(unit->first, why);
        }
    }
}

void Watcher::for_running(World& world, const Scene& scene, const Causes& causes) {
    // When its file is gone a guest keeps what it has until its target is stopped.
    if (world.configuration().find(name_) == nullptr) {
        return;
    }
    for (const Device& device : scene.devices) {
        for_device(world, device, scene, causes);
    }
}

/// Whether a unit is active and will stay so, asked again because time has passed since the look.
bool Watcher::settled_active(const std::string& unit) const {
    const auto now = systemd_->state(unit);
    return now && now->is_active() && !now->has_job;
}

/// Whether a wanted device's unit may be started. A look that is not fresh leaves alone what has
/// just failed, and what would fail again.
bool Watcher::may_start(const State& state, const Device& device, const UnitState& unit,
                        const Causes& causes) {
    const std::string instance = escape_path(device.node);
    const std::string plug = plug_id(device.syspath);
    if (state.read_mark(Mark::Released, instance, plug)) {
        return false;
    }
    Attempts& attempts = attempts_[plug];
    if (state.read_mark(Mark::Blocked, instance, plug)) {
        attempts = {};
        return causes.fresh || causes.freed;
    }
    if (attempts.count >= pauses_us.size()) {
        return false;
    }
    const bool failed = unit.active == "failed" || state.read_mark(Mark::Failed, instance, plug);
    const std::uint64_t now = now_us();
    if (failed && !causes.fresh && attempts.not_before_us == 0) {
        attempts.not_before_us = now + pauses_us[0];
    }
    if (failed && attempts.not_before_us > now) {
        look_again_in(attempts.not_before_us - now);
        return false;
    }
    ++attempts.count;
    attempts.not_before_us =
        attempts.count < pauses_us.size() ? now + pauses_us[attempts.count] : 0;
    return true;
}

void Watcher::for_device(World& world, const Device& device, const Scene& scene,
                         const Causes& causes) {
    const std::string instance = escape_path(device.node);
    const std::string unit = device_unit_of(instance);
    const auto known = scene.units.find(unit);
    const UnitState now = known == scene.units.end() ? UnitState{unit, "inactive"} : known->second;
    // A unit with a job is on its way; we look again when the job ends.
    if (now.has_job) {
        return;
    }
    const bool attached = has(scene.aliases, alias_of(instance));
    const bool ours = std::any_of(scene.records.begin(), scene.records.end(),
                                  [&](const AttachRecord& r) { return r.instance == instance; });
    const Decision decision = world.decision(device);
    const Choice choice =
        choose(decision, [&](const Guest& guest) { return world.availability(guest); });
    const bool wanted = choice.guest != nullptr && choice.guest->name == name_;
    const bool kept = decision.wanted_by(name_);
    if (kept && now.is_active() && !attached && ours && settled_active(unit)) {
        // Somebody else detached it, which is to be respected; or the guest was switched off and
        // on.
        causes.devices_changed && !causes.fresh
            ? ask(UnitVerb::Stop, unit, "it was detached from " + name_ + " by other means")
            : ask(UnitVerb::Restart, unit, name_ + " lost it");
    } else if (wanted && !now.is_active()) {
        if (may_start(world.state(), device, now, causes)) {
            ask(UnitVerb::Start, unit, name_ + " wants it");
        }
    } else if (!kept && ours && now.is_active() && causes.fresh) {
        // A changed file counts when it is reloaded, not at the next event, whatever that is about.
        // Not merely because a guest before us in line is on by now: what a guest has it keeps.
        end(unit, name_ + " does not want it any more");
    }
}

/// Stops a unit for a reason of ours. The worker cannot tell that from a user's stop, after which
/// the device stays with the host.
void Watcher::end(const std::string& unit, const std::string& why) {
    ended_by_us_.insert(unit);
    ask(UnitVerb::Stop, unit, why);
}

void Watcher::ask(UnitVerb verb, const std::string& unit, const std::string& why) {
    const char* word = verb == UnitVerb::Start  ? "Starting "
                       : verb == UnitVerb::Stop ? "Stopping "
                                                : "Restarting ";
    log(Level::Info, "", word + unit + ": " + why, {{field::guest, name_}});
    if (auto asked = systemd_->enqueue(verb, unit); !asked) {
        ended_by_us_.erase(unit);
        log(Level::Warning, "", asked.error().message, {{field::guest, name_}});
    }
}

/// What is wrong with the guest's file; empty when nothing is.
std::string Watcher::trouble_of(const Configuration& configuration) const {
    const Guest* guest = configuration.find(name_);
    const std::string errors = configuration.errors_of(name_);
    if (!errors.empty()) {
        return std::string("its configuration is broken") +
               (guest == nullptr ? "" : " and the rules before stay in force") + "\n" + errors;
    }
    return guest == nullptr ? "its configuration is gone" : "";
}

void Watcher::report(GuestState state, bool paused, std::size_t devices,
                     const std::string& trouble) {
    std::string text = name_ + " is off; its devices are the host's";
    std::string_view id = message_id::guest_stopped;
    if (state == GuestState::Missing) {
        text = printable(address_.target) + " has no domain '" + printable(address_.domain) +
               "'; waiting for it to be started";
        id = message_id::guest_unknown;
    } else if (paused) {
        text = name_ + " is paused; its devices are the host's until 'usb-hotplugctl resume " +
               name_ + "', or until the machine is awake";
        id = message_id::guest_paused;
    } else if (state == GuestState::Running) {
        text = name_ + " is running and has " + counted(devices, "USB device") + " of ours";
        id = message_id::guest_started;
    }
    status(trouble.empty() ? text : text + "\n" + trouble);
    if (reported_ != id) {
        log(state == GuestState::Missing ? Level::Warning : Level::Info, id, text,
            {{field::guest, name_}});
        reported_ = id;
    }
}

} // namespace usb_hotplug
