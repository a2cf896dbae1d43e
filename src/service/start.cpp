// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/text.h"
#include "base/unit_name.h"
#include "host/answers.h"
#include "host/devices.h"
#include "host/drivers.h"
#include "host/in_use.h"
#include "service/attach.h"
#include "service/disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace usb_hotplug {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How long what may pass is tried again.
constexpr auto patience = std::chrono::seconds(8);
constexpr auto first_pause = milliseconds(100);
constexpr auto longest_pause = milliseconds(1000);

/// Calls `again` with growing pauses until it says stop, patience ends, or the program is asked to.
void with_patience(const Pause& pause, const std::function<bool()>& again) {
    const auto end = Clock::now() + patience;
    auto length = first_pause;
    while (again() && Clock::now() < end && !pause(length)) {
        length = std::min(length * 2, longest_pause);
    }
}

std::string described(const Device& device) {
    if (device.disk) {
        return disk_text(device) + " at port " + device.port;
    }
    const std::string name = device.name();
    return device.id_text() + (name.empty() ? "" : " " + name) + " at port " + device.port;
}

Fields fields_of(const Device& device) {
    return {
        {field::device, device.node}, {field::port, device.port}, {field::id, device.id_text()}};
}

/// The whole of one start; it holds what its steps share.
class Start {
public:
    Start(World& world, Device device, const Pause& pause, Fields& fields)
        : world_(world),
          device_(std::move(device)),
          instance_(escape_path(device_.node)),
          plug_(plug_id(device_.syspath)),
          pause_(pause),
          fields_(fields) {}

    Result<StartReport> run();

private:
    [[nodiscard]] bool device_exists() const {
        return !plug_.empty() && plug_id(device_.syspath) == plug_;
    }
    [[nodiscard]] StartReport report(StartKind kind, std::string text) const {
        return {kind, std::move(text), fields_};
    }
    [[nodiscard]] StartReport gone() const {
        return report(StartKind::DeviceGone, described(device_) + " was unplugged");
    }
    [[nodiscard]] StartReport nobody(const Decision& decision) const;
    void name_who_waits(const Decision& decision);
    Choice choose_with_patience(const Decision& decision);
    Result<> leave_other_guest(const std::string& guest);
    Result<StartReport> give(const Guest& guest, const Decision& decision);
    [[nodiscard]] tl::unexpected<Error> used(const HostUse& use) const;
    [[nodiscard]] Result<UniqueFd> hold(const DiskSettings& settings) const;
    [[nodiscard]] Attachment attachment(const DiskSettings& settings) const;
    Result<AttachOutcome> attach_with_patience(const Guest& guest, const Attachment& attachment);
    Result<StartReport> settle(const Guest& guest, const Decision& decision,
                               const AttachOutcome& outcome);
    [[nodiscard]] tl::unexpected<Error> refused(const Guest& guest, const Decision& decision,
                                                const AttachOutcome& outcome) const;
    [[nodiscard]] AttachRecord record(const Guest& guest, const Decision& decision) const;

    World& world_;
    Device device_;
    std::string instance_;
    std::string plug_;
    const Pause& pause_;
    Fields& fields_;
};

StartReport Start::nobody(const Decision& decision) const {
    const std::string reason = decision.is_hub     ? " is a hub, and hubs stay with the host"
                               : decision.for_disk ? " " + claim_text(*decision.for_disk)
                                                   : " is wanted by no guest's rules";
    return report(StartKind::Nobody, described(device_) + reason +
                                         "; see 'usb-hotplugctl explain " + device_.port + "'");
}

/// A device that nobody has now is in the log of each guest that wants it.
void Start::name_who_waits(const Decision& decision) {
    for (const Verdict& verdict : decision.verdicts) {
        if (verdict.wanted()) {
            fields_.emplace_back(field::guest, verdict.guest->name);
        }
    }
}

/// A hypervisor that is only starting up is waited for; a guest that is off is not, its watcher
/// starts this unit again.
Choice Start::choose_with_patience(const Decision& decision) {
    Choice choice;
    with_patience(pause_, [&] {
        choice = choose(decision, [&](const Guest& guest) { return world_.availability(guest); });
        const bool unreachable =
            choice.guest == nullptr &&
            std::any_of(choice.passed.begin(), choice.passed.end(),
                        [](const Choice::Passed& p) { return p.why == Availability::Unreachable; });
        if (unreachable) {
            world_.forget_connections();
        }
        return unreachable && device_exists();
    });
    return choice;
}

AttachRecord Start::record(const Guest& guest, const Decision& decision) const {
    AttachRecord record;
    record.instance = instance_;
    record.guest = guest.name;
    record.address = guest.address;
    record.alias = alias_of(instance_);
    record.plug = plug_;
    record.syspath = device_.syspath;
    record.port = device_.port;
    record.id = device_.id_text();
    if (!device_.disk) {
        record.interfaces = driven_interfaces(device_.syspath);
        record.drivers = drivers_of(device_.syspath, instance_, plug_, world_.state());
        record.peer = peer_of(device_.syspath);
        record.tenant = decision.tenant && decision.tenant->guest == guest.name;
    }
    return record;
}

/// A start that was cut off may have left the device with a guest that is not first in line now,
/// and a guest may not have let go of what is left of a disk that was taken from it.
Result<> Start::leave_other_guest(const std::string& guest) {
    auto left = world_.state().read_record(instance_);
    if (!left) {
        return forward(left);
    }
    if (!*left || ((*left)->guest == guest && (*left)->plug == plug_ && !(*left)->cut_off)) {
        return {};
    }
    Fields ignored;
    auto stopped = stop_device(world_, device_.node, pause_, ignored);
    // That was no wish to keep the device with the host.
    (void)world_.state().remove_mark(Mark::Released, instance_);
    return stopped ? Result<>() : forward(stopped);
}

Result<AttachOutcome> Start::attach_with_patience(const Guest& guest,
                                                  const Attachment& attachment) {
    Result<AttachOutcome> outcome = AttachOutcome{};
    with_patience(pause_, [&] {
        const auto backend = world_.backend(guest.address);
        outcome = backend ? (*backend)->attach(attachment)
                          : Result<AttachOutcome>(tl::unexpected<Error>(backend.error()));
        if (!outcome) {
            world_.forget_connections();
        }
        return (!outcome || outcome->kind == AttachOutcome::Refused) && device_exists();
    });
    return outcome;
}

/// How a guest gets more ports.
std::string more_ports(BackendKind kind) {
    switch (kind) {
    case BackendKind::Libvirt:
        return "give its domain a USB controller with more, "
               "as in <controller type='usb' model='qemu-xhci' ports='15'/>";
    case BackendKind::Qmp:
        return "start its QEMU with a USB controller that has more, "
               "as in -device qemu-xhci,p2=15,p3=15";
    }
    return {};
}

/// How a guest gives away what it has by other means.
std::string other_means(BackendKind kind) {
    switch (kind) {
    case BackendKind::Libvirt:
        return "detach it there (virsh detach-device), or take it out of the domain's XML";
    case BackendKind::Qmp:
        return "remove it there (device_del), or take it out of QEMU's command line";
    }
    return {};
}

tl::unexpected<Error> Start::refused(const Guest& guest, const Decision& decision,
                                     const AttachOutcome& outcome) const {
    const std::string what = "Cannot give " + described(device_) + " to " + guest.name + ": ";
    switch (outcome.kind) {
    case AttachOutcome::InUse:
        return fail(what + "guest " + printable(outcome.detail) +
                        " has it; detach it there first, or take it out of that domain's own XML",
                    EBUSY);
    case AttachOutcome::TargetTaken:
        return fail(what + "its " + settings_of(decision, guest).target + " is taken, by " +
                        printable(outcome.detail) +
                        "; it gets this one when that is free, or by another target in the rule",
                    EBUSY);
    case AttachOutcome::NoFreePort:
        return fail(what + "all " + outcome.detail + " USB ports of the guest are taken; " +
                        more_ports(guest.address.kind),
                    EBUSY);
    default:
        return fail(what + outcome.detail);
    }
}

Result<StartReport> Start::settle(const Guest& guest, const Decision& decision,
                                  const AttachOutcome& outcome) {
    if (outcome.kind == AttachOutcome::Attached || outcome.kind == AttachOutcome::AlreadyAttached) {
        for (const Mark mark : {Mark::Failed, Mark::Blocked, Mark::Kept}) {
            (void)world_.state().remove_mark(mark, instance_);
        }
        // The port is taken: who had it before is of no more interest.
        if (!device_.disk) {
            world_.state().remove_departures({device_.port, peer_of(device_.syspath)});
        }
        const bool fresh = outcome.kind == AttachOutcome::Attached;
        return report(fresh ? StartKind::Attached : StartKind::AlreadyAttached,
                      guest.name + (fresh ? " has " : " already has ") + described(device_));
    }
    // Nothing was attached, so there is nothing to undo.
    if (auto removed = world_.state().remove_record(instance_); !removed) {
        return forward(removed);
    }
    if (!device_exists()) {
        return gone();
    }
    if (device_.disk) {
        world_.refresh(device_);
    }
    if (outcome.kind == AttachOutcome::GuestOff) {
        return report(StartKind::Waiting,
                      described(device_) + " is waiting for " + guest.name + ", which is off");
    }
    if (outcome.kind == AttachOutcome::HasOtherwise) {
        return report(StartKind::HasOtherwise, guest.name + " already has " + described(device_) +
                                                   ", but not from usb-hotplug; " +
                                                   other_means(guest.address.kind) +
                                                   ", to have it come and go by itself");
    }
    return refused(guest, decision, outcome);
}

tl::unexpected<Error> Start::used(const HostUse& use) const {
    return fail("Not taking " + described(device_) + " from the host, which " + use.text() +
                    "; end that, then 'systemctl start " + device_unit(device_.node) + "'",
                EBUSY);
}

/// Until it is the guest's, nobody shall find time to mount the disk, and its name shall be its
/// own: no hypervisor compares more than that.
Result<UniqueFd> Start::hold(const DiskSettings& settings) const {
    UniqueFd held = hold_block_device(device_.node, !settings.force);
    if (!held) {
        return used({"Cannot hold " + device_.node + ": " + std::strerror(errno), false});
    }
    return held;
}

Attachment Start::attachment(const DiskSettings& settings) const {
    const std::string alias = alias_of(instance_);
    return device_.disk ? Attachment{alias, disk_source(device_, settings)}
                        : Attachment{alias, UsbSource{device_.bus, device_.number, device_.id}};
}

Result<StartReport> Start::give(const Guest& guest, const Decision& decision) {
    fields_.emplace_back(field::guest, guest.name);
    const DiskSettings settings = settings_of(decision, guest);
    const auto use = settings.force ? std::nullopt : host_use(device_.syspath);
    if (use) {
        return used(*use);
    }
    auto held = device_.disk ? hold(settings) : Result<UniqueFd>();
    // From here on no other disk gets its name.
    if (!device_exists()) {
        return gone();
    }
    if (!held) {
        return forward(held);
    }
    if (auto left = leave_other_guest(guest.name); !left) {
        return forward(left);
    }
    // Before the attach: whatever happens from here on, stop knows what to undo.
    if (auto written = world_.state().write_record(record(guest, decision)); !written) {
        return forward(written);
    }
    if (device_.disk) {
        world_.refresh(device_);
    }
    auto outcome = attach_with_patience(guest, attachment(settings));
    if (!outcome) {
        return device_exists() ? Result<StartReport>(forward(outcome)) : gone();
    }
    return settle(guest, decision, *outcome);
}

Result<StartReport> Start::run() {
    const Decision decision = world_.decision(device_);
    if (!is_authorised(device_)) {
        name_who_waits(decision);
        return report(StartKind::NotAuthorised,
                      described(device_) +
                          " is not authorised on this host (usbguard?); allow it, "
                          "then 'systemctl start " +
                          device_unit(device_.node) + "'");
    }
    if (!decision.wanted()) {
        return nobody(decision);
    }
    if (device_.disk && device_.disk->bytes == 0) {
        name_who_waits(decision);
        return report(StartKind::Waiting, described(device_) + " is waiting for a medium");
    }
    const Choice choice = choose_with_patience(decision);
    if (choice.guest != nullptr) {
        return give(*choice.guest, decision);
    }
    if (!device_exists()) {
        return gone();
    }
    name_who_waits(decision);
    if (std::any_of(choice.passed.begin(), choice.passed.end(), [](const Choice::Passed& passed) {
            return passed.why == Availability::Unreachable;
        })) {
        return fail(described(device_) + ": " + world_.last_problem());
    }
    return report(StartKind::Waiting, described(device_) + " is " + choice.waiting_text());
}

} // namespace

Result<StartReport> start_device(World& world, const std::string& node, const Pause& pause,
                                 Fields& fields) {
    fields = {{field::device, node}};
    auto device = find_device(node);
    if (!device) {
        return forward(device);
    }
    if (!*device) {
        return StartReport{StartKind::DeviceGone, printable(node) + " was unplugged", fields};
    }
    fields = fields_of(**device);
    // Whoever starts it has changed their mind, also if it comes to nothing now.
    (void)world.state().remove_mark(Mark::Released, escape_path(node));
    return Start(world, std::move(**device), pause, fields).run();
}

} // namespace usb_hotplug
