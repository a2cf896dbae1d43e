// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/start: a device that leaves and comes back to its port as another one.

#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

/// Two guests that want the receiver, of which "first" has the higher priority.
struct Contested : Machine {
    Contested() {
        (void)guest("first", "[guest]\npriority = 10\n[[usb]]\nall = true\n");
        (void)guest("phone", "[[usb]]\nid = [\"18d1:4ee7\", \"046d:c52b\"]\n");
    }
    void left(const std::string& guest, std::chrono::milliseconds ago) const {
        REQUIRE(state().write_departure({"1-10"}, {guest, "7", now_since_boot() - ago}));
    }
    /// Who gets the receiver.
    std::string given() {
        const auto report = start();
        REQUIRE(report);
        CHECK(report->kind == StartKind::Attached);
        return record()->guest;
    }
};

} // namespace

TEST_CASE("a device that comes back in another mode goes to the guest it came from") {
    Contested machine;
    machine.left("phone", std::chrono::seconds(1));
    CHECK(machine.given() == "phone");
    CHECK(machine.record()->tenant);
    // The port is taken now.
    CHECK(machine.files("left").empty());
}

TEST_CASE("also while the guest still lets go of the first mode") {
    Contested machine;
    AttachRecord leaving;
    leaving.instance = "dev-bus-usb-001-002";
    leaving.guest = "phone";
    leaving.port = "1-10";
    leaving.syspath = receiver_path;
    leaving.plug = "7";
    REQUIRE(machine.state().write_record(leaving));
    CHECK(machine.given() == "phone");
}

TEST_CASE("it is a guest like any other when it does not want it, is late or is not there") {
    {
        Contested machine;
        CHECK(machine.given() == "first");
        CHECK_FALSE(machine.record()->tenant);
    }
    {
        Contested machine;
        machine.left("phone", std::chrono::seconds(11));
        CHECK(machine.given() == "first");
    }
    {
        Contested machine;
        (void)machine.guest("phone", "[[usb]]\nid = \"18d1:4ee7\"\n");
        machine.left("phone", std::chrono::seconds(1));
        CHECK(machine.given() == "first");
    }
    Contested machine;
    fakes().units_on.erase("usb-hotplug@phone.target");
    machine.left("phone", std::chrono::seconds(1));
    CHECK(machine.given() == "first");
    CHECK_FALSE(machine.record()->tenant);
}
