// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/guests.h"

#include "base/text.h"
#include "base/unit_name.h"

namespace usb_hotplug {

namespace {

void ask_systemd(World& world, GuestView& view) {
    const auto systemd = world.systemd();
    const auto on = systemd ? (*systemd)->is_on(guest_target(view.guest->name))
                            : Result<bool>(tl::unexpected<Error>(systemd.error()));
    if (on) {
        view.enabled = *on;
    } else {
        view.problem = printable(on.error().message, 1000);
    }
}

void ask_hypervisor(World& world, GuestView& view) {
    const auto backend = world.backend(view.guest->address);
    const auto state =
        backend ? (*backend)->state() : Result<GuestState>(tl::unexpected<Error>(backend.error()));
    if (!state) {
        view.problem = printable(state.error().message, 1000);
        return;
    }
    view.state = *state;
    if (*state != GuestState::Missing) {
        const auto ports = (*backend)->ports();
        view.ports = ports ? *ports : std::nullopt;
        view.problem = ports ? view.problem : printable(ports.error().message, 1000);
    }
}

} // namespace

std::string_view GuestView::state_text() const {
    if (!state) {
        return "unknown";
    }
    switch (*state) {
    case GuestState::Running:
        return paused ? "paused" : "running";
    case GuestState::Off:
        return "off";
    case GuestState::Missing:
        return "missing";
    }
    return "";
}

std::vector<GuestView> look_at_guests(World& world, const std::vector<Situation>& situations) {
    std::vector<GuestView> views;
    for (const Guest& guest : world.configuration().guests) {
        GuestView& view = views.emplace_back();
        view.guest = &guest;
        view.paused = world.state().is_paused(guest.name);
        ask_systemd(world, view);
        ask_hypervisor(world, view);
        for (const Situation& situation : situations) {
            if (situation.guest == guest.name) {
                ++(situation.place == Place::Attached ? view.attached : view.waiting);
            }
        }
    }
    return views;
}

} // namespace usb_hotplug
