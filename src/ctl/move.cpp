// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl attach and detach: both work through the device's unit, so what they do shows in
// systemctl like everything else.

#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "service/attach.h"
#include "service/by_hand.h"
#include "service/situation.h"

#include <array>

namespace usb_hotplug::ctl {

namespace {

/// Longer than the unit's own limits, which end the job with a better message.
constexpr auto job_limit = std::chrono::seconds(200);

Result<UnitState> run_job(World& world, UnitVerb verb, const std::string& unit) {
    auto systemd = world.systemd();
    if (!systemd) {
        return forward(systemd);
    }
    auto results = (*systemd)->run(verb, {unit}, job_limit);
    if (!results) {
        return forward(results);
    }
    return (*systemd)->state(unit);
}

/// What the device's worker last said.
std::string last_word(World& world, const Device& device) {
    const std::string unit = device_unit(device.node);
    const auto failed =
        world.state().read_mark(Mark::Failed, escape_path(device.node), plug_id(device.syspath));
    const auto systemd = world.systemd();
    const std::string text = failed    ? *failed
                             : systemd ? (*systemd)->status_text(unit).value_or("")
                                       : "";
    return text.empty() ? "see 'systemctl status " + unit + "'" : printable(text, 1000);
}

/// The guest that has the device now, or nothing.
std::optional<std::string> owner(World& world, const std::string& instance, const UnitState& unit) {
    const auto record = world.state().read_record(instance);
    if (!unit.is_active() || !record || !*record) {
        return std::nullopt;
    }
    return (*record)->guest;
}

/// How things were before an attach by hand.
struct Before {
    std::optional<std::string> owner;
    Marks marks;
};

/// The guest refused: as it was before.
int give_up(World& world, const Device& device, const Before& before) {
    const std::string instance = escape_path(device.node);
    const std::string unit = device_unit(device.node);
    const int status = complain(last_word(world, device));
    forget_attempt(world, device, before.marks);
    if (before.owner) {
        const auto restored = run_job(world, UnitVerb::Start, unit);
        const bool again = restored && owner(world, instance, *restored) == before.owner;
        complain(*before.owner + (again ? " has it again" : " could not get it back"));
    }
    return status;
}

/// A disk that its guest still has after its unit was stopped is taken from it all the same.
int take_by_force(World& world, const Device& disk, bool json) {
    std::fprintf(stderr,
                 "usb-hotplugctl: Warning: %s does not let go of %s. Taking it all the same: what "
                 "the guest has not written is lost, and its file systems there can be damaged\n",
                 situation_of(world, disk).value_or(Situation()).guest.c_str(), disk.node.c_str());
    const auto done = cut_off_disk(world, disk);
    if (!done) {
        return complain(done.error().message +
                        "; only shutting the guest down takes the disk from it now");
    }
    if (const auto systemd = world.systemd()) {
        (*systemd)->reset_failed(device_unit(disk.node));
    }
    return say_moved(world, disk, done->text, json);
}

/// Whether a guest has not let go of the device though its unit was stopped.
bool is_held(World& world, const Device& device) {
    const auto record = world.state().read_record(escape_path(device.node));
    return record && *record && (*record)->plug == plug_id(device.syspath) && !(*record)->cut_off;
}

} // namespace

int attach(const std::string& word, const std::string& guest, bool json) {
    World world;
    if (world.configuration().find(guest) == nullptr) {
        return no_such_guest(world, guest);
    }
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    if (device->is_hub()) {
        return complain(device->port + " is a hub, and hubs stay with the host");
    }
    const std::string instance = escape_path(device->node);
    const std::string unit = device_unit(device->node);
    const auto systemd = world.systemd();
    const auto now = systemd ? (*systemd)->state(unit)
                             : Result<UnitState>(tl::unexpected<Error>(systemd.error()));
    if (!now) {
        return complain(now.error().message);
    }
    const Before before = {owner(world, instance, *now), marks_of(world.state(), *device)};
    if (auto marked =
            world.state().write_mark(Mark::ByHand, instance, guest, plug_id(device->syspath));
        !marked) {
        return not_written(marked.error());
    }
    const auto after = before.owner == guest ? now : run_job(world, UnitVerb::Restart, unit);
    if (!after) {
        return complain(after.error().message);
    }
    // The stop before the start was no wish to keep the device with the host.
    (void)world.state().remove_mark(Mark::Released, instance);
    if (owner(world, instance, *after) == guest) {
        return say_moved(world, *device,
                         guest + " has " + (device->disk ? device->node : device->id_text()) +
                             " at port " + device->port,
                         json);
    }
    if (after->active != "failed") {
        const auto situation = situation_of(world, *device);
        return complain(situation ? situation->guest + " gets " + device->id_text() +
                                        " later: " + situation->reason
                                  : situation.error().message,
                        exit_waiting);
    }
    return give_up(world, *device, before);
}

int detach(const std::string& word, bool force, bool json) {
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    World world;
    const std::string unit = device_unit(device->node);
    // Before the stop: a unit that could not be stopped is started again by the watcher.
    if (auto kept = force ? keep_with_host(world, *device) : Result<>(); !kept) {
        return not_written(kept.error());
    }
    const auto after = run_job(world, UnitVerb::Stop, unit);
    if (!after) {
        return complain(after.error().message);
    }
    if (force && device->disk && is_held(world, *device)) {
        return take_by_force(world, *device, json);
    }
    if (after->is_active() || after->active == "failed") {
        return complain(last_word(world, *device));
    }
    if (const auto kept = keep_with_host(world, *device); !kept) {
        return not_written(kept.error());
    }
    return say_moved(world, *device,
                     "The host has " + (device->disk
                                            ? device->node
                                            : device->id_text() + " at port " + device->port),
                     json);
}

} // namespace usb_hotplug::ctl
