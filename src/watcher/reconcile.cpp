// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One look of the watcher: compare, and start or stop units.

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "service/attach.h"
#include "service/in_force.h"
#include "watcher/watcher.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

/// How often a unit that was skipped, though to our eyes its guest is ready, is started again.
constexpr int attempts_max = 3;

bool no_pause(std::chrono::milliseconds /*length*/) {
    return true;
}

std::string unit_of(const std::string& instance) {
    return "usb-hotplug@" + instance + ".service";
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
    auto devices = list_devices();
    if (!devices) {
        return forward(devices);
    }
    scene.devices = std::move(*devices);
    return scene;
}

void Watcher::reconcile(const Causes& causes) {
    World world;
    world.share_backend(address_, backend_);
    if (causes.fresh) {
        attempts_.clear();
    }
    if (const Guest* guest = world.configuration().find(name_)) {
        if (auto kept = keep_in_force(*guest); !kept) {
            log(Level::Warning, "", kept.error().message, {{field::guest, name_}});
        }
    }
    if (causes.guest_started) {
        world.state().forget_released(name_);
    }
    const auto state = backend_->state();
    auto scene = state ? look() : Result<Scene>(tl::unexpected<Error>(state.error()));
    if (!scene) {
        // A lost connection announces itself and brings us back here; anything else is news.
        status(scene.error().message);
        log(Level::Warning, message_id::hypervisor_lost, scene.error().message,
            {{field::guest, name_}});
        return;
    }
    if (*state == GuestState::Running) {
        for_running(world, *scene, causes);
    } else {
        for_stopped(world, *scene);
    }
    report(*state, scene->aliases.size(), trouble_of(world.configuration()));
}

void Watcher::for_stopped(World& world, const Scene& scene) {
    for (const AttachRecord& record : scene.records) {
        const auto unit = scene.units.find(unit_of(record.instance));
        if (unit != scene.units.end() && unit->second.is_active() && !unit->second.has_job) {
            end(unit->first, name_ + " is off");
        }
    }
    remove_leftovers(world, scene);
}

void Watcher::for_running(World& world, const Scene& scene, const Causes& causes) {
    // When its file is gone a guest keeps what it has until its target is stopped.
    if (world.configuration().find(name_) == nullptr) {
        return;
    }
    for (const Device& device : scene.devices) {
        for_device(world, device, scene, causes);
    }
    remove_leftovers(world, scene);
}

/// Whether a unit is active and will stay so, asked again because time has passed since the look.
bool Watcher::settled_active(const std::string& unit) const {
    const auto now = systemd_->state(unit);
    return now && now->is_active() && !now->has_job;
}

bool Watcher::settled_idle(const std::string& unit) const {
    const auto now = systemd_->state(unit);
    return now && !now->has_job && (now->active == "inactive" || now->active == "failed");
}

void Watcher::for_device(World& world, const Device& device, const Scene& scene,
                         const Causes& causes) {
    const std::string instance = escape_path(device.node);
    const std::string unit = unit_of(instance);
    const auto known = scene.units.find(unit);
    const UnitState now = known == scene.units.end() ? UnitState{unit, "inactive"} : known->second;
    // A unit with a job is on its way; we look again when the job ends.
    if (now.has_job) {
        return;
    }
    const bool attached = std::find(scene.aliases.begin(), scene.aliases.end(),
                                    alias_of(instance)) != scene.aliases.end();
    const bool ours = std::any_of(scene.records.begin(), scene.records.end(),
                                  [&](const AttachRecord& r) { return r.instance == instance; });
    const Decision decision = world.decision(device);
    const Choice choice =
        choose(decision, [&](const Guest& guest) { return world.availability(guest); });
    const bool wanted = choice.guest != nullptr && choice.guest->name == name_;
    const bool kept =
        std::any_of(decision.verdicts.begin(), decision.verdicts.end(),
                    [&](const Verdict& v) { return v.wanted() && v.guest->name == name_; });
    const std::string plug = plug_id(device.syspath);
    if (kept && now.is_active() && !attached && ours && settled_active(unit)) {
        // Somebody else detached it, which is to be respected; or the guest was switched off and
        // on.
        causes.devices_changed && !causes.fresh
            ? ask(UnitVerb::Stop, unit, "it was detached from " + name_ + " by other means")
            : ask(UnitVerb::Restart, unit, name_ + " lost it");
    } else if (wanted && !now.is_active()) {
        const bool released = world.state().read_mark(Mark::Released, instance, plug).has_value();
        const bool failed = world.state().read_mark(Mark::Failed, instance, plug).has_value();
        const bool again = !failed || causes.fresh;
        if (!released && again && attempts_[unit]++ < attempts_max) {
            ask(UnitVerb::Start, unit, name_ + " wants it");
        }
    } else if (!kept && ours && now.is_active()) {
        // Not merely because a guest before us in line is on by now: what a guest has it keeps.
        end(unit, name_ + " does not want it any more");
    }
}

/// What an interrupted stop, or a worker that was killed, left behind: a record without a unit that
/// would end it, an alias without a record.
void Watcher::remove_leftovers(World& world, const Scene& scene) {
    for (const AttachRecord& record : scene.records) {
        const auto known = scene.units.find(unit_of(record.instance));
        const bool idle = known == scene.units.end() ||
                          (!known->second.has_job && (known->second.active == "inactive" ||
                                                      known->second.active == "failed"));
        const auto node = unescape_path(record.instance);
        // The look took time: a unit that is starting by now has a record of its own.
        if (!idle || !node || !settled_idle(unit_of(record.instance))) {
            continue;
        }
        Fields fields;
        const auto stopped = stop_device(world, *node, no_pause, fields);
        (void)world.state().remove_mark(Mark::Released, record.instance);
        log(stopped ? Level::Info : Level::Warning,
            stopped ? message_id::returned : message_id::detach_failed,
            "Left behind: " + (stopped ? stopped->text : stopped.error().message), fields);
    }
    for (const std::string& alias : scene.aliases) {
        const bool has_record =
            std::any_of(scene.records.begin(), scene.records.end(),
                        [&](const AttachRecord& record) { return record.alias == alias; });
        const bool has_unit =
            std::any_of(scene.units.begin(), scene.units.end(), [&](const auto& u) {
                const auto node = node_of_device_unit(u.first);
                return node && alias_of(escape_path(*node)) == alias &&
                       u.second.active != "inactive";
            });
        if (!has_record && !has_unit) {
            (void)backend_->detach(alias, std::chrono::seconds(5));
            log(Level::Warning, message_id::returned,
                "Took " + alias + " out of " + name_ + ": no unit was behind it",
                {{field::guest, name_}});
        }
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

void Watcher::report(GuestState state, std::size_t devices, const std::string& trouble) {
    std::string text = name_ + " is off; its devices are the host's";
    if (state == GuestState::Running) {
        text = name_ + " is running and has " + std::to_string(devices) +
               (devices == 1 ? " USB device of ours" : " USB devices of ours");
    } else if (state == GuestState::Missing) {
        text = printable(address_.target) + " has no domain '" + printable(address_.domain) +
               "'; waiting for it to be started";
    }
    status(trouble.empty() ? text : text + "\n" + trouble);
    if (reported_ != state) {
        const bool missing = state == GuestState::Missing;
        log(missing ? Level::Warning : Level::Info,
            missing                        ? message_id::guest_unknown
            : state == GuestState::Running ? message_id::guest_started
                                           : message_id::guest_stopped,
            text, {{field::guest, name_}});
        reported_ = state;
    }
}

} // namespace usb_hotplug
