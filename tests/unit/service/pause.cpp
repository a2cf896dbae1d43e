// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/pause: a guest gives its devices back for a while and gets exactly those again.

#include "service/pause.h"

#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

using Names = std::vector<std::string>;

const std::string unit = device_unit(receiver_node);

/// Units start and stop as asked, with the programs of the real ones.
struct Pausable : Machine {
    Pausable() {
        fakes().job = [this](UnitVerb verb, const std::string& name) {
            if (name == unit && verb == UnitVerb::Start) {
                const auto report = start();
                const bool has = report && report->kind == StartKind::Attached;
                fakes().units_active[unit] = has ? "active" : "inactive";
            } else if (name == unit && verb == UnitVerb::Stop) {
                fakes().units_active[unit] = stop() ? "inactive" : "failed";
            }
        };
    }
    [[nodiscard]] std::string owner() const { return record() ? record()->guest : ""; }
};

} // namespace

TEST_CASE("a guest that is paused and resumed has what it had, also if it is not first in line") {
    Pausable machine;
    (void)machine.guest("second", "[[usb]]\nall = true\n");
    fakes().job(UnitVerb::Start, unit);
    REQUIRE(machine.owner() == "second");
    (void)machine.guest("first", "[guest]\npriority = 9\n[[usb]]\nall = true\n");

    World world;
    const auto paused = pause_guest(world, "second");
    REQUIRE(paused);
    CHECK(paused->moved == 1);
    CHECK(paused->failures.empty());
    CHECK(machine.owner().empty());
    // Nobody gets it meanwhile.
    fakes().job(UnitVerb::Start, unit);
    CHECK(machine.owner().empty());

    World later;
    const auto resumed = resume_guest(later, "second");
    REQUIRE(resumed);
    CHECK(resumed->moved == 1);
    CHECK(machine.owner() == "second");
    CHECK(machine.files("kept").empty());
    CHECK(machine.files("paused").empty());
}

TEST_CASE("what the user had released stays released over a pause") {
    Pausable machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, unit);
    fakes().job(UnitVerb::Stop, unit);
    REQUIRE(machine.released() == "win10");
    World world;
    CHECK(pause_guest(world, "win10")->moved == 0);
    CHECK(resume_guest(world, "win10")->moved == 0);
    CHECK(machine.owner().empty());
    CHECK(machine.released() == "win10");
}

TEST_CASE("a guest that goes off while it is paused does not keep its devices from others") {
    Pausable machine;
    (void)machine.guest("win10");
    (void)machine.guest("work");
    fakes().job(UnitVerb::Start, unit);
    REQUIRE(machine.owner() == "win10");
    World world;
    REQUIRE(pause_guest(world, "win10"));
    fakes().units_on.erase("usb-hotplug@win10.target");
    World later;
    CHECK(resume_guest(later, "win10")->moved == 1);
    CHECK(machine.owner() == "work");
}

TEST_CASE("a device that is not let go of is named, and the guest is paused nevertheless") {
    Pausable machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, unit);
    fakes().detach = [] { return DetachOutcome::NoAnswer; };
    World world;
    const auto paused = pause_guest(world, "win10");
    REQUIRE(paused);
    CHECK(paused->moved == 0);
    REQUIRE(paused->failures.size() == 1);
    CHECK(paused->failures[0].starts_with("Stopping " + unit));
    CHECK(machine.state().is_paused("win10"));
}

TEST_CASE("while the machine sleeps no guest has anything, and afterwards each what it had") {
    Pausable machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, unit);
    World world;
    CHECK(fall_asleep(world)->moved == 1);
    CHECK(machine.owner().empty());
    World later;
    CHECK(wake_up(later)->moved == 1);
    CHECK(machine.owner() == "win10");
}
