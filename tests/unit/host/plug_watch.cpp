// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/plug_watch: devices come and go on a fake machine of the test's own.

#include "host/plug_watch.h"

#include "host/testbed.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

TEST_CASE("devices are seen to come and to go, hubs among them, and nothing else is") {
    const Testbed testbed;
    testbed.plug_in("1", "0/0/0"); // before
    sd_event* raw = nullptr;
    REQUIRE(sd_event_new(&raw) >= 0);
    const Handle<sd_event, sd_event_unref> loop(raw);
    std::string seen;
    const auto watch = PlugWatch::open(raw, [&](const PlugEvent& event) {
        seen += (event.is_arrival ? "+" : "-") + event.device.port + " ";
    });
    REQUIRE(watch);
    testbed.plug_in("2", "9/0/2");
    testbed.announce("2", "bind");
    testbed.announce("1", "change");
    testbed.plug_in("3", "0/0/0", "SYNTH_UUID=0");
    testbed.announce("1", "remove");
    testbed.plug_in("4", "0/0/0");
    constexpr std::uint64_t long_enough = 10'000'000;
    while (seen.find("1-4") == std::string::npos && sd_event_run(raw, long_enough) > 0) {
    }
    CHECK(seen == "+1-2 -1-1 +1-4 ");
}
