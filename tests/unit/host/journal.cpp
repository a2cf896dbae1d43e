// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/journal where there is no journal. What is in one is read on the booted machine.

#include "host/journal.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;

TEST_CASE("without a journal there are no messages, which is no error") {
    const auto entries = read_journal({{"USB_HOTPLUG_GUEST=no guest of anybody's"}, {}}, 10);
    REQUIRE(entries);
    CHECK(entries->empty());
}

TEST_CASE("a field that is none is an error") {
    CHECK_FALSE(read_journal({{"no field"}, {}}, 10));
}
