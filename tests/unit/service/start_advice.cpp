// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/start: what it advises.

#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

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
