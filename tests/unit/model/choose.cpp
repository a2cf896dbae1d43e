// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of choose() in model/match: which of the guests that want a device gets it now.

#include "model/match.h"

#include <doctest/doctest.h>
#include <map>

using namespace usb_hotplug;

namespace {

/// Guests a, b and c, of which all but b want a device.
struct Line {
    Guest a = named("a");
    Guest b = named("b");
    Guest c = named("c");
    Decision decision = {
        false,
        {{&a, Wish::Wanted, nullptr}, {&b, Wish::Excepted, nullptr}, {&c, Wish::ByHand, nullptr}}};
    std::vector<std::string> asked;

    static Guest named(const std::string& name) {
        Guest guest;
        guest.name = name;
        return guest;
    }

    Choice choose_with(Availability of_a, Availability of_c) {
        return choose(decision, [&, of_a, of_c](const Guest& guest) {
            asked.push_back(guest.name);
            return guest.name == "a" ? of_a : of_c;
        });
    }
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("the first guest in line that is ready gets the device, and no other is asked") {
    Line line;
    const Choice choice = line.choose_with(Availability::Ready, Availability::Ready);
    CHECK(choice.guest == &line.a);
    CHECK(choice.passed.empty());
    CHECK(choice.waiting_text().empty());
    CHECK(line.asked == Names{"a"});
}

TEST_CASE("a guest that is not ready is passed over, and why is kept") {
    for (const Availability why : {Availability::Off, Availability::NotEnabled,
                                   Availability::Missing, Availability::Unreachable}) {
        CAPTURE(static_cast<int>(why));
        Line line;
        const Choice choice = line.choose_with(why, Availability::Ready);
        CHECK(choice.guest == &line.c);
        CHECK(line.asked == Names{"a", "c"});
        REQUIRE(choice.passed.size() == 1);
        CHECK(choice.passed[0].guest == &line.a);
        CHECK(choice.passed[0].why == why);
    }
}

TEST_CASE("a device that nobody can take now waits, and says for whom") {
    const std::map<Availability, std::string> texts = {
        {Availability::Off, "waiting for a, which is off; or for c, which is off"},
        {Availability::NotEnabled, "waiting for a, which is not enabled; or for c, which is off"},
        {Availability::Missing,
         "waiting for a, which its hypervisor does not know; or for c, which is off"},
        {Availability::Unreachable,
         "waiting for a, whose hypervisor does not answer; or for c, which is off"},
    };
    for (const auto& [why, text] : texts) {
        CAPTURE(text);
        Line line;
        const Choice choice = line.choose_with(why, Availability::Off);
        CHECK(choice.guest == nullptr);
        CHECK(choice.waiting_text() == text);
        CHECK(line.asked == Names{"a", "c"});
    }
}

TEST_CASE("a guest that does not want a device is not asked and not waited for") {
    Line line;
    line.decision.verdicts[0].wish = Wish::NoRule;
    line.decision.verdicts[2].wish = Wish::Yields;
    const Choice choice = line.choose_with(Availability::Ready, Availability::Ready);
    CHECK(choice.guest == nullptr);
    CHECK(choice.passed.empty());
    CHECK(choice.waiting_text().empty());
    CHECK(line.asked.empty());
    CHECK_FALSE(line.decision.wanted());
}

TEST_CASE("an empty decision chooses nobody") {
    const Choice choice = choose(Decision{}, [](const Guest&) { return Availability::Ready; });
    CHECK(choice.guest == nullptr);
    CHECK(choice.waiting_text().empty());
}

TEST_CASE("a paused guest is waited for, and nobody after it gets the device") {
    Line line;
    const Choice choice = line.choose_with(Availability::Paused, Availability::Ready);
    CHECK(choice.guest == nullptr);
    CHECK(line.asked == Names{"a"});
    CHECK(choice.waiting_text() == "waiting for a, which is paused");
}

TEST_CASE("a device that is kept for a guest is not for the others, as long as that one wants it") {
    Line line;
    keep_for("c", line.decision);
    CHECK(line.decision.verdicts[0].wish == Wish::Kept);
    CHECK(line.decision.verdicts[1].wish == Wish::Excepted);
    CHECK(line.decision.verdicts[2].wish == Wish::ByHand);
    const Choice choice = line.choose_with(Availability::Ready, Availability::Off);
    CHECK(choice.guest == nullptr);
    CHECK(line.asked == Names{"c"});

    for (const char* other : {"b", "nobody"}) {
        Line free;
        keep_for(other, free.decision);
        CHECK(free.choose_with(Availability::Ready, Availability::Ready).guest == &free.a);
    }
}
