// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/arrivals: devices are plugged into a fake machine of the test's own.

#include "host/arrivals.h"

#include "host/testbed.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

constexpr auto soon = std::chrono::milliseconds(50);
constexpr auto long_enough = std::chrono::seconds(10);

} // namespace

TEST_CASE("devices that are plugged in are seen in turn, hubs and other events are not") {
    const Testbed testbed;
    testbed.plug_in("1", "0/0/0"); // before
    auto arrivals = Arrivals::open();
    REQUIRE(arrivals);
    testbed.plug_in("2", "9/0/2");
    testbed.announce("1", "change");
    testbed.announce("1", "bind");
    testbed.announce("1", "remove");
    testbed.plug_in("3", "0/0/0");
    testbed.plug_in("4", "0/0/0");
    for (const char* port : {"1-3", "1-4"}) {
        const auto device = arrivals->next(long_enough);
        REQUIRE(device);
        REQUIRE(device->has_value());
        CHECK((*device)->port == port);
    }
    const auto none = arrivals->next(soon);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
}

TEST_CASE("devices that were there before are not seen, though somebody announces them again") {
    const Testbed testbed;
    testbed.plug_in("1", "0/0/0"); // before
    auto arrivals = Arrivals::open();
    REQUIRE(arrivals);
    testbed.announce("1", "add");
    testbed.plug_in("2", "0/0/0", "SYNTH_UUID=0");
    testbed.plug_in("3", "0/0/0");
    const auto device = arrivals->next(long_enough);
    REQUIRE(device);
    REQUIRE(device->has_value());
    CHECK((*device)->port == "1-3");
    const auto none = arrivals->next(soon);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
}
