// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/order: an order survives the name of a unit, and nothing else is taken for one.

#include "service/order.h"

#include "base/unit_name.h"
#include "service/machine.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string number = "0123456789abcdef";

} // namespace

TEST_CASE("an order is read as it was given") {
    for (const Order& given :
         {Order{OrderVerb::Attach, "/dev/bus/usb/001/005", "win10"},
          Order{OrderVerb::Attach, "/dev/sdb", "a:b@c"}, Order{OrderVerb::Detach, "/dev/a-b", ""},
          Order{OrderVerb::Take, "/dev/sdb", ""}}) {
        const auto read = parse_order(order_instance(given, number));
        REQUIRE(read);
        CHECK(read->verb == given.verb);
        CHECK(read->node == given.node);
        CHECK(read->guest == given.guest);
    }
    CHECK(order_unit_of(order_instance({OrderVerb::Attach, "/dev/sdb", "win10"}, number)) ==
          "usb-hotplug-order@attach:dev-sdb:0123456789abcdef:win10.service");
}

TEST_CASE("what is no order is refused") {
    const std::vector<std::string> texts = {
        std::string(),
        std::string("attach"),
        std::string("attach:dev-sdb"),
        "attach:dev-sdb:" + number,
        "attach:dev-sdb:" + number + ":",
        "attach:dev-sdb:" + number + ":../a",
        "attach:dev-sdb:" + number + ":a/b",
        "attach:dev-sdb:" + number + ":.a",
        "attach:etc-passwd:" + number + ":win10",
        "attach:dev-..-etc:" + number + ":win10",
        "attach:-dev-sdb:" + number + ":win10",
        "attach:dev-\\x00:" + number + ":win10",
        "attach:/dev/sdb:" + number + ":win10",
        "attach:dev-sdb:0123:win10",
        "attach:dev-sdb:../../../../../etc:win10",
        "attach:dev-sdb:0123456789ABCDEF:win10",
        "detach:dev-sdb:" + number + ":win10",
        "take:dev-sdb:" + number,
        "pause:dev-sdb:" + number + ":win10",
        ":dev-sdb:" + number + ":win10",
        "attach::" + number + ":win10",
        "attach:dev-sdb:" + number + ":" + std::string(300, 'a'),
    };
    for (const std::string& text : texts) {
        INFO(text);
        CHECK_FALSE(parse_order(text));
    }
}

TEST_CASE("an order about a device that is gone fails, and says so") {
    const Machine machine;
    World world;
    const Outcome outcome = carry_out(world, {OrderVerb::Detach, "/dev/bus/usb/009/009", ""});
    CHECK(outcome.ending == Ending::Failed);
    REQUIRE(outcome.complaints.size() == 1);
    CHECK(outcome.complaints[0].find("/dev/bus/usb/009/009") != std::string::npos);
}

TEST_CASE("an answer is found by its order alone") {
    const Machine machine;
    REQUIRE(machine.state().write_answer("a", {Ending::Later, "said", {"one", "two"}}));
    const auto answer = machine.state().read_answer("a");
    REQUIRE(answer);
    CHECK(answer->ending == Ending::Later);
    CHECK(answer->said == "said");
    CHECK(answer->complaints == std::vector<std::string>{"one", "two"});
    CHECK_FALSE(machine.state().read_answer("b"));
}
