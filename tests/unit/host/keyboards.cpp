// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/keyboards, on the fake machine of devices.umockdev.

#include "host/keyboards.h"

#include "host/fake_machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::set<std::string> receiver = {"/sys/devices/pci0000:00/0000:00:14.0/usb1/1-10"};

} // namespace

TEST_CASE("keyboards are told apart by whether a USB device has them") {
    const auto keyboards = list_keyboards();
    REQUIRE(keyboards);
    CHECK(keyboards->usb == receiver);
    CHECK(keyboards->other);
}

TEST_CASE("mice, buttons and what a program makes up are no keyboards") {
    {
        const FakeAbsence old("/sys/class/input/input0");
        const auto keyboards = list_keyboards();
        REQUIRE(keyboards);
        CHECK(keyboards->usb == receiver);
        CHECK_FALSE(keyboards->other);
    }
    const FakeAbsence usb("/sys/class/input/input5");
    const auto keyboards = list_keyboards();
    REQUIRE(keyboards);
    CHECK(keyboards->usb.empty());
    CHECK(keyboards->other);
}
