// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/guests: how each guest is said to be.

#include "service/guests.h"

#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

GuestView view_of(World& world, const std::vector<Situation>& situations = {}) {
    auto views = look_at_guests(world, situations);
    REQUIRE(views.size() == 1);
    return std::move(views.front());
}

Situation situation(Place place, const std::string& guest) {
    Situation made;
    made.place = place;
    made.guest = guest;
    return made;
}

} // namespace

TEST_CASE("a guest that runs, its ports and its devices") {
    const Machine machine;
    (void)machine.guest("win10");
    World world;
    const GuestView view =
        view_of(world, {situation(Place::Attached, "win10"), situation(Place::Attached, "work"),
                        situation(Place::Waiting, "win10"), situation(Place::Failed, "win10"),
                        situation(Place::Host, "")});
    CHECK(view.guest->name == "win10");
    CHECK(view.enabled == true);
    CHECK(view.state_text() == "running");
    REQUIRE(view.ports);
    CHECK(view.ports->free() == 3);
    CHECK(view.attached == 1);
    CHECK(view.waiting == 2);
    CHECK(view.problem.empty());
}

TEST_CASE("a guest that is off, missing, paused or not enabled") {
    const Machine machine;
    (void)machine.guest("win10");
    fakes().units_on.clear();
    fakes().guest = GuestState::Off;
    World world;
    CHECK(view_of(world).state_text() == "off");
    CHECK(view_of(world).enabled == false);
    fakes().guest = GuestState::Missing;
    CHECK(view_of(world).state_text() == "missing");
    CHECK_FALSE(view_of(world).ports);
    fakes().guest = GuestState::Running;
    REQUIRE(machine.state().pause("win10"));
    CHECK(view_of(world).state_text() == "paused");
}

TEST_CASE("what cannot be asked is not known, and why") {
    const Machine machine;
    (void)machine.guest("win10");
    fakes().hypervisor_answers = false;
    World world;
    const GuestView view = view_of(world);
    CHECK(view.enabled == true);
    CHECK(view.state_text() == "unknown");
    CHECK_FALSE(view.ports);
    CHECK(view.problem == "Cannot reach qemu:///system: fake");
    fakes().bus_answers = false;
    World other;
    CHECK_FALSE(view_of(other).enabled);
}
