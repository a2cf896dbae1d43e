// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of decide() in model/match: the guest that had a port comes first for what is plugged in
// there next, for a while.

#include "model/rule_support.h"

#include <chrono>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using namespace std::literals;

namespace {

/// Three guests that want the device, first the one of the higher priority, and one that does not.
const std::vector<Guest>& guests() {
    static const std::vector<Guest> all = {
        guest("first", "[guest]\npriority = 10\n[[usb]]\nall = true\n"),
        guest("phone", "[[usb]]\nid = [\"18d1:4ee7\", \"046d:c52b\"]\n"),
        guest("quick", "[guest]\ngrace = \"500ms\"\n[[usb]]\nall = true\n"),
        guest("strict", "[[usb]]\nall = true\n[[except]]\nid = \"046d:*\"\n"),
    };
    return all;
}

FindTenant had(const std::string& name, std::chrono::milliseconds ago = 0ms) {
    return [=] { return Tenant{name, ago}; };
}

std::string order(const Decision& decision) {
    std::string names;
    for (const Verdict& verdict : decision.verdicts) {
        names += (names.empty() ? "" : " ") + verdict.guest->name + (verdict.wanted() ? "" : "-");
    }
    return names;
}

} // namespace

TEST_CASE("the guest that had the port comes before a higher priority") {
    const Decision decision = decide(device_with(), guests(), std::nullopt, had("phone", 9s));
    CHECK(order(decision) == "phone first quick strict-");
    REQUIRE(decision.tenant);
    CHECK(decision.tenant->guest == "phone");
    CHECK(decision.tenant->ago == 9s);
    CHECK(decision.verdicts[0].wish == Wish::Wanted);
    CHECK(decision.verdicts[0].by == &guests()[1].usb[0]);
}

TEST_CASE("after its grace it has its place in line again") {
    const auto order_after = [](const std::string& name, std::chrono::milliseconds ago) {
        return order(decide(device_with(), guests(), std::nullopt, had(name, ago)));
    };
    CHECK(order_after("phone", 9999ms) == "phone first quick strict-");
    CHECK(order_after("phone", 10s) == "first phone quick strict-");
    CHECK(order_after("quick", 499ms) == "quick first phone strict-");
    CHECK(order_after("quick", 500ms) == "first phone quick strict-");
    CHECK_FALSE(decide(device_with(), guests(), std::nullopt, had("phone", 10s)).tenant);
}

TEST_CASE("a grace of nothing is none, not even while the device is leaving") {
    const std::vector<Guest> two = {
        guest("a", "[[usb]]\nall = true\n"),
        guest("b", "[guest]\ngrace = 0\n[[usb]]\nall = true\n"),
    };
    CHECK(order(decide(device_with(), two, std::nullopt, had("b"))) == "a b");
}

TEST_CASE("a guest that does not want the device gets nothing for having had the port") {
    for (const std::string name : {"strict", "gone", ""}) {
        CAPTURE(name);
        const Decision decision = decide(device_with(), guests(), std::nullopt, had(name));
        CHECK(order(decision) == "first phone quick strict-");
        CHECK_FALSE(decision.tenant);
    }
}

TEST_CASE("who had the port is asked only when several want the device") {
    int asked = 0;
    const FindTenant count = [&]() -> std::optional<Tenant> {
        ++asked;
        return std::nullopt;
    };
    (void)decide(device_with(), {guests()[0], guests()[3]}, std::nullopt, count);
    (void)decide(device_with(), guests(), "phone", count);
    (void)decide(device_with({{"TYPE", "9/0/1"}}), guests(), std::nullopt, count);
    CHECK(asked == 0);
    CHECK(order(decide(device_with(), guests(), std::nullopt, count)) ==
          "first phone quick strict-");
    CHECK(asked == 1);
}

TEST_CASE("what was given by hand is stronger than having had the port") {
    const Decision decision = decide(device_with(), guests(), "quick", had("phone"));
    CHECK(order(decision) == "first- phone- quick strict-");
    CHECK_FALSE(decision.tenant);
}

TEST_CASE("a guest that cannot take it now is passed over, although it had the port") {
    const Decision decision = decide(device_with(), guests(), std::nullopt, had("phone"));
    const Choice choice = choose(decision, [](const Guest& guest) {
        return guest.name == "phone" ? Availability::Off : Availability::Ready;
    });
    REQUIRE(choice.guest != nullptr);
    CHECK(choice.guest->name == "first");
    CHECK(choice.passed.size() == 1);
}
