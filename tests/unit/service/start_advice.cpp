// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/start: what it advises, and in whose log it is.

#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

/// The guests whose log has the message.
std::vector<std::string> named(const Machine& machine) {
    std::vector<std::string> guests;
    for (const auto& [name, value] : machine.fields) {
        if (name == field::guest) {
            guests.push_back(value);
        }
    }
    return guests;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a device that nobody has is in the log of each guest that wants it") {
    Machine machine;
    (void)machine.guest("a");
    (void)machine.guest("b", "[guest]\npriority = 1\n[[usb]]\nall = true\n");
    (void)machine.guest("c", "[[usb]]\nid = \"dead:beef\"\n");
    fakes().guest = GuestState::Off;
    REQUIRE(machine.start());
    CHECK(named(machine) == Names{"b", "a"});
    REQUIRE(machine.start("/dev/bus/usb/001/014")); // not authorised
    CHECK(named(machine) == Names{"b", "a"});
    fakes().hypervisor_answers = false;
    CHECK_FALSE(machine.start());
    CHECK(named(machine) == Names{"b", "a"});
}

TEST_CASE("a device that a guest gets, or is refused by, is in the log of that guest alone") {
    Machine machine;
    (void)machine.guest("a");
    (void)machine.guest("b", "[guest]\npriority = 1\n[[usb]]\nall = true\n");
    REQUIRE(machine.start());
    CHECK(named(machine) == Names{"b"});
    fakes().attach = [] { return AttachOutcome{AttachOutcome::NoFreePort, "4"}; };
    CHECK_FALSE(machine.start());
    CHECK(named(machine) == Names{"b"});
}

TEST_CASE("the advice is of the guest's own kind") {
    Machine machine;
    (void)machine.guest("win10", "[guest]\nqmp = \"/run/a\"\n[[usb]]\nall = true\n");
    fakes().attach = [] { return AttachOutcome{AttachOutcome::NoFreePort, "4"}; };
    const auto full = machine.start();
    REQUIRE_FALSE(full);
    CHECK(full.error().message.find("-device qemu-xhci,p2=15") != std::string::npos);
    fakes().attach = [] { return AttachOutcome{AttachOutcome::HasOtherwise, ""}; };
    const auto other = machine.start();
    REQUIRE(other);
    CHECK(other->text.find("device_del") != std::string::npos);
}
