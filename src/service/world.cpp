// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/world.h"

#include "base/unit_name.h"
#include "host/answers.h"
#include "host/disks.h"

namespace usb_hotplug {

namespace {

std::string key_of(const GuestAddress& address) {
    return address.target + '\0' + address.domain;
}

} // namespace

World::World() : state_(state_folder()) {}

const Configuration& World::configuration() const {
    if (!configuration_) {
        configuration_ = load_configuration();
    }
    return *configuration_;
}

void World::share_backend(const GuestAddress& address, std::shared_ptr<Backend> backend) {
    backends_.insert_or_assign(key_of(address), std::move(backend));
}

Result<Systemd*> World::systemd() {
    if (!systemd_) {
        auto opened = Systemd::open();
        if (!opened) {
            return forward(opened);
        }
        systemd_ = std::make_unique<Systemd>(std::move(*opened));
    }
    return systemd_.get();
}

Result<Backend*> World::backend(const GuestAddress& address) {
    auto found = backends_.find(key_of(address));
    if (found == backends_.end()) {
        auto opened = open_backend(address);
        found = backends_
                    .emplace(key_of(address),
                             opened ? Result<std::shared_ptr<Backend>>(std::move(*opened))
                                    : forward(opened))
                    .first;
    }
    if (!found->second) {
        return fail(found->second.error().message, found->second.error().code);
    }
    return found->second->get();
}

void World::forget_connections() {
    backends_.clear();
    systemd_.reset();
}

Availability World::availability(const Guest& guest) {
    const auto bus = systemd();
    const auto enabled = bus ? (*bus)->is_on(guest_target(guest.name))
                             : Result<bool>(tl::unexpected<Error>(bus.error()));
    if (!enabled) {
        last_problem_ = enabled.error().message;
        return Availability::Unreachable;
    }
    if (!*enabled) {
        return Availability::NotEnabled;
    }
    if (state_.is_paused(guest.name)) {
        return Availability::Paused;
    }
    const auto reached = backend(guest.address);
    const auto now =
        reached ? (*reached)->state() : Result<GuestState>(tl::unexpected<Error>(reached.error()));
    if (!now) {
        last_problem_ = now.error().message;
        return Availability::Unreachable;
    }
    switch (*now) {
    case GuestState::Running:
        return Availability::Ready;
    case GuestState::Off:
        return Availability::Off;
    case GuestState::Missing:
        return Availability::Missing;
    }
    return Availability::Missing;
}

Device World::answered(Device device) const {
    answer(questions_of(configuration().guests), state_, device);
    return device;
}

/// The rule of an enabled guest that the disk of a USB device is for. As long as the disk is not
/// there, any that could hold for it; unless a guest has the device already, and so the disk is
/// gone for that reason.
std::optional<DiskClaim> World::disk_claim(const Device& usb) {
    std::vector<DiskClaim> claims = disk_claims(usb, configuration().guests);
    std::erase_if(claims, [&](const DiskClaim& claim) {
        const auto bus = systemd();
        return bus && !(*bus)->is_on(guest_target(claim.guest->name)).value_or(true);
    });
    const auto on = claims.empty() ? Result<DisksOn>(DisksOn{}) : disks_on(usb);
    if (claims.empty() || !on) {
        return std::nullopt;
    }
    for (const Device& disk : on->disks) {
        const Device known = answered(disk);
        for (DiskClaim& claim : claims) {
            if (try_rule(*claim.rule, known).holds) {
                claim.node = disk.node;
                return claim;
            }
        }
    }
    const auto record = state_.read_record(escape_path(usb.node));
    const bool is_given = record && *record && (*record)->plug == plug_id(usb.syspath);
    return on->are_known || is_given ? std::nullopt : std::optional(claims.front());
}

Decision World::decision(const Device& device) {
    const std::string instance = escape_path(device.node);
    const std::string plug = plug_id(device.syspath);
    const FindTenant tenant = [&] { return tenant_of(device, state_); };
    Decision decision =
        decide(answered(device), configuration().guests,
               state_.read_mark(Mark::ByHand, instance, plug), device.disk ? FindTenant() : tenant);
    if (const auto guest = state_.read_mark(Mark::Kept, instance, plug)) {
        keep_for(*guest, decision);
    }
    if (const auto claim = device.disk || !decision.wanted() ? std::nullopt : disk_claim(device)) {
        leave_to_disk(*claim, decision);
    }
    return decision;
}

void World::refresh(const Device& disk) {
    constexpr auto limit = std::chrono::seconds(20);
    // What it is about is done by then, or cannot be helped: the guest is waiting.
    if (const auto bus = systemd()) {
        (void)(*bus)->run(UnitVerb::Start, {refresh_unit_of(escape_path(disk.node))}, limit);
    }
}

} // namespace usb_hotplug
