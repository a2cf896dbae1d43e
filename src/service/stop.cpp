// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/text.h"
#include "base/unit_name.h"
#include "host/devices.h"
#include "host/drivers.h"
#include "service/attach.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

using Clock = std::chrono::steady_clock;

/// libvirtd may be restarting; the guest may have a busy moment; drivers take a while to probe.
constexpr auto connect_patience = std::chrono::seconds(15);
constexpr auto detach_limit = std::chrono::seconds(15);
constexpr auto driver_limit = std::chrono::milliseconds(5000);
constexpr auto connect_pause = std::chrono::milliseconds(500);

Result<DetachOutcome> detach_with_patience(World& world, const AttachRecord& record,
                                           const Pause& pause) {
    const auto end = Clock::now() + connect_patience;
    for (;;) {
        auto backend = world.backend(record.address);
        auto outcome = backend ? (*backend)->detach(record.alias, detach_limit)
                               : Result<DetachOutcome>(tl::unexpected<Error>(backend.error()));
        if (outcome || Clock::now() > end || pause(connect_pause)) {
            return outcome;
        }
        world.forget_connections();
    }
}

/// Whether the guest gets the device again later, and no other guest before it: it is paused, or
/// off and its devices stay.
bool is_kept(World& world, const AttachRecord& record, DetachOutcome outcome) {
    if (world.state().is_paused(record.guest)) {
        return true;
    }
    const Guest* guest =
        outcome == DetachOutcome::GuestOff ? world.configuration().find(record.guest) : nullptr;
    return guest != nullptr && guest->stay;
}

/// Whether the guest would get the device back at once if somebody looked: then it was the user who
/// stopped the unit, and the device shall stay with the host.
bool is_release(World& world, const AttachRecord& record, DetachOutcome outcome) {
    const auto systemd = world.systemd();
    const auto enabled =
        systemd ? (*systemd)->is_on(guest_target(record.guest)) : Result<bool>(false);
    return outcome != DetachOutcome::GuestOff && enabled && *enabled;
}

bool is_there(const AttachRecord& record) {
    return !record.plug.empty() && plug_id(record.syspath) == record.plug;
}

/// For the device's next mode, which can be plugged in already.
void note_departure(const State& state, const AttachRecord& record, const std::string& node) {
    if (is_disk_node(node)) {
        return;
    }
    const auto noted = state.read_departure(record.port);
    if (!noted || noted->plug != record.plug) {
        (void)state.write_departure({record.port, record.peer},
                                    {record.guest, record.plug, now_since_boot()});
    }
}

} // namespace

Result<StopReport> stop_device(World& world, const std::string& node, const Pause& pause,
                               Fields& fields) {
    const std::string instance = escape_path(node);
    fields = {{field::device, node}};
    auto found = world.state().read_record(instance);
    if (!found) {
        return forward(found);
    }
    if (!*found) {
        return StopReport{StopKind::NothingToDo, printable(node) + ": nothing to take back",
                          fields};
    }
    const AttachRecord& record = **found;
    fields = {{field::device, node},
              {field::port, record.port},
              {field::id, record.id},
              {field::guest, record.guest}};
    if (!is_there(record)) {
        note_departure(world.state(), record, node);
    }
    auto outcome = detach_with_patience(world, record, pause);
    if (!outcome) {
        return forward(outcome);
    }
    const std::string what =
        (is_disk_node(node) ? "disk " + node : record.id) + " at port " + record.port;
    if (*outcome == DetachOutcome::NoAnswer) {
        const std::string unit = device_unit(node);
        return fail(record.guest + " does not let go of " + what + " (" + record.alias +
                    "); shut the guest down, or try again with 'systemctl start " + unit +
                    "' and 'systemctl stop " + unit + "'" +
                    (is_disk_node(node) ? ", or have the disk cut off from it with 'usb-hotplugctl "
                                          "detach --force " +
                                              node + "'"
                                        : ""));
    }
    const Rebind rebind = is_there(record)
                              ? wait_for_drivers(record.syspath, record.interfaces, driver_limit)
                              : Rebind::DeviceGone;
    if (rebind == Rebind::DeviceGone) {
        note_departure(world.state(), record, node);
    }
    if (rebind != Rebind::DeviceGone && is_kept(world, record, *outcome)) {
        (void)world.state().write_mark(Mark::Kept, instance, record.guest, record.plug);
    } else if (rebind != Rebind::DeviceGone && is_release(world, record, *outcome)) {
        (void)world.state().write_mark(Mark::Released, instance, record.guest, record.plug);
    }
    if (auto removed = world.state().remove_record(instance); !removed) {
        return forward(removed);
    }
    const auto disk = rebind != Rebind::DeviceGone && is_disk_node(node)
                          ? find_device(node)
                          : Result<std::optional<Device>>();
    if (disk && *disk) {
        world.refresh(**disk);
    }
    if (rebind == Rebind::DeviceGone) {
        return StopReport{StopKind::DeviceGone, what + " was unplugged from " + record.guest,
                          fields};
    }
    return StopReport{StopKind::Returned,
                      "The host has " + what + " again, from " + record.guest +
                          (rebind == Rebind::StillUnbound
                               ? "; but no driver took " + join(record.interfaces) + " back"
                               : ""),
                      fields};
}

Result<StopReport> cut_off_disk(World& world, const Device& disk) {
    const std::string instance = escape_path(disk.node);
    auto record = world.state().read_record(instance);
    if (!record) {
        return forward(record);
    }
    if (!*record || !disk.disk || (*record)->plug != plug_id(disk.syspath)) {
        return StopReport{StopKind::NothingToDo, disk.node + ": nothing to take back", {}};
    }
    AttachRecord& left = **record;
    const auto backend = world.backend(left.address);
    auto done = backend ? (*backend)->cut_off(left.alias)
                        : Result<>(tl::unexpected<Error>(backend.error()));
    if (!done) {
        return forward(done);
    }
    left.cut_off = true;
    (void)world.state().write_mark(Mark::Released, instance, left.guest, left.plug);
    if (auto written = world.state().write_record(left); !written) {
        return forward(written);
    }
    world.refresh(disk);
    return StopReport{StopKind::CutOff,
                      "The host has disk " + disk.node + " again; " + left.guest +
                          " keeps one that only fails, until it lets go of it or is off",
                      {{field::device, disk.node}, {field::guest, left.guest}}};
}

} // namespace usb_hotplug
