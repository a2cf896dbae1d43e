// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/by_hand: what is written down when devices are moved by hand.

#include "service/by_hand.h"

#include "base/file.h"
#include "host/devices.h"
#include "service/machine.h"

#include <cerrno>
#include <doctest/doctest.h>
#include <filesystem>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string receiver_unit = "usb-hotplug@dev-bus-usb-001-003.service";

Device receiver() {
    const auto device = find_device(receiver_node);
    REQUIRE(device);
    REQUIRE(device->has_value());
    return **device;
}

void mark(const Machine& machine, Mark mark, const std::string& text) {
    REQUIRE(machine.state().write_mark(mark, receiver_instance, text, plug_id(receiver_path)));
}

} // namespace

TEST_CASE("after a refused attach nothing is left of it") {
    const Machine machine;
    World world;
    const Marks before = marks_of(world.state(), receiver());
    CHECK(before.empty());
    mark(machine, Mark::ByHand, "win10");
    mark(machine, Mark::Failed, "no free port");
    forget_attempt(world, receiver(), before);
    CHECK(marks_of(world.state(), receiver()).empty());
    CHECK(fakes().units_forgotten == std::vector<std::string>{receiver_unit});
}

TEST_CASE("after a refused attach all is remembered that was before") {
    const Machine machine;
    mark(machine, Mark::ByHand, "work");
    mark(machine, Mark::Released, "work");
    mark(machine, Mark::Failed, "an earlier failure");
    World world;
    const Marks before = marks_of(world.state(), receiver());
    CHECK(before.size() == 3);
    mark(machine, Mark::ByHand, "win10");
    mark(machine, Mark::Failed, "no free port");
    REQUIRE(machine.state().remove_mark(Mark::Released, receiver_instance));
    forget_attempt(world, receiver(), before);
    CHECK(marks_of(world.state(), receiver()) == before);
    // The unit was failed before.
    CHECK(fakes().units_forgotten.empty());
}

TEST_CASE("a refused attach is undone where systemd does not answer, too") {
    const Machine machine;
    fakes().bus_answers = false;
    mark(machine, Mark::ByHand, "win10");
    World world;
    forget_attempt(world, receiver(), {});
    CHECK(marks_of(world.state(), receiver()).empty());
}

TEST_CASE("a device that is kept with the host is released by the guest that comes first") {
    const Machine machine;
    {
        World world;
        REQUIRE(keep_with_host(world, receiver()));
        CHECK(machine.released() == std::nullopt); // nobody wants it
    }
    (void)machine.guest("win10");
    (void)machine.guest("work", "[guest]\npriority = 1\n[[usb]]\nall = true\n");
    World world;
    REQUIRE(keep_with_host(world, receiver()));
    CHECK(machine.released() == "work");
    // What the worker has remembered stays.
    mark(machine, Mark::Released, "win10");
    REQUIRE(keep_with_host(world, receiver()));
    CHECK(machine.released() == "win10");
}

TEST_CASE("a device that cannot be kept with the host is an error") {
    const Machine machine;
    (void)machine.guest("win10");
    std::filesystem::create_directories(state_folder());
    REQUIRE(create_file(state_folder() + "/released", "a file where the folder should be"));
    World world;
    const auto kept = keep_with_host(world, receiver());
    REQUIRE_FALSE(kept);
    CHECK(kept.error().code == ENOTDIR);
}
