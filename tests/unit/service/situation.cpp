// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/situation: where a device is said to be, and why.

#include "service/situation.h"

#include "host/devices.h"
#include "service/machine.h"

#include <array>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string unit = device_unit(receiver_node);

Situation situation(const std::string& node = receiver_node) {
    World world;
    auto device = find_device(node);
    REQUIRE(device);
    REQUIRE(device->has_value());
    auto found = situation_of(world, **device);
    REQUIRE(found);
    CHECK(found->unit == device_unit(node));
    return std::move(*found);
}

void check_situation(const Situation& found, Place place, std::string_view guest,
                     std::string_view reason) {
    CHECK(place_text(found.place) == place_text(place));
    CHECK(found.guest == guest);
    CHECK(found.reason == reason);
}

void mark(const Machine& machine, Mark kind, const std::string& text) {
    REQUIRE(machine.state().write_mark(kind, receiver_instance, text, plug_id(receiver_path)));
}

} // namespace

TEST_CASE("every place has a word of its own") {
    const std::array words = {
        std::pair{Place::Attached, "attached"}, std::pair{Place::Waiting, "waiting"},
        std::pair{Place::Released, "released"}, std::pair{Place::Failed, "failed"},
        std::pair{Place::Moving, "moving"},     std::pair{Place::Ready, "ready"},
        std::pair{Place::Host, "host"}};
    for (const auto& [place, word] : words) {
        CHECK(place_text(place) == word);
    }
}

TEST_CASE("a rule is named by its description and its place, harmless to print") {
    Guest guest;
    guest.file = "/etc/usb-hotplug/win10.toml";
    Rule rule;
    rule.line = 6;
    CHECK(rule_text(guest, rule, "usb") == "[[usb]] rule in /etc/usb-hotplug/win10.toml, line 6");
    rule.description = "Mo\x1buse";
    CHECK(rule_text(guest, rule, "except") ==
          "[[except]] rule \"Mo\\x1buse\" in /etc/usb-hotplug/win10.toml, line 6");
}

TEST_CASE("a device that no guest wants is the host's, and why is said") {
    {
        const Machine machine;
        check_situation(situation(), Place::Host, "", "no guest is configured");
    }
    const Machine machine;
    (void)machine.guest("a", "[[usb]]\nbus = 9\n");
    check_situation(situation(), Place::Host, "", "no rule of any guest fits");
    const std::string file =
        machine.guest("b", "[[usb]]\nall = true\n\n[[except]]\ndescription = \"Mine\"\nbus = 1\n");
    check_situation(situation(), Place::Host, "",
                    "kept from b by [[except]] rule \"Mine\" in " + file + ", line 4");
    check_situation(situation("/dev/bus/usb/001/002"), Place::Host, "", "hubs stay with the host");
}

TEST_CASE("an attached device says which guest has it, and by which rule") {
    Machine machine;
    const std::string file = machine.guest("win10", "[[usb]]\nid = \"046d:*\"\n");
    REQUIRE(machine.start());
    fakes().units_active[unit] = "active";
    check_situation(situation(), Place::Attached, "win10", "[[usb]] rule in " + file + ", line 1");
    CHECK(situation().unit_state == "active");
    mark(machine, Mark::ByHand, "win10");
    check_situation(situation(), Place::Attached, "win10", "given by hand until it is unplugged");
    // The rule is gone, the device is still there.
    REQUIRE(machine.state().remove_mark(Mark::ByHand, receiver_instance));
    (void)machine.guest("win10", "");
    check_situation(situation(), Place::Attached, "win10", "");
}

TEST_CASE("a guest that has a device for having had the port says so") {
    Machine machine;
    const std::string file = machine.guest("win10", "[[usb]]\nid = \"046d:*\"\n");
    (void)machine.guest("first", "[guest]\npriority = 1\n[[usb]]\nall = true\n");
    REQUIRE(machine.state().write_departure({"1-10"}, {"win10", "7", now_since_boot()}));
    check_situation(situation(), Place::Ready, "win10",
                    "nothing started it; 'systemctl start " + unit + "' does");
    REQUIRE(machine.start());
    fakes().units_active[unit] = "active";
    check_situation(situation(), Place::Attached, "win10",
                    "[[usb]] rule in " + file + ", line 1, after its last device at this port");
}

TEST_CASE("a device whose unit is starting or stopping is moving") {
    const Machine machine;
    (void)machine.guest("win10");
    for (const std::string state : {"activating", "deactivating"}) {
        fakes().units_active[unit] = state;
        check_situation(situation(), Place::Moving, "", "its unit is " + state);
    }
}

TEST_CASE("a wanted device that no guest has waits, is released, has failed, or is ready") {
    const Machine machine;
    (void)machine.guest("win10");
    check_situation(situation(), Place::Ready, "win10",
                    "nothing started it; 'systemctl start " + unit + "' does");
    mark(machine, Mark::Failed, "no free \x1bport");
    check_situation(situation(), Place::Failed, "win10", "no free \\x1bport");
    fakes().guest = GuestState::Off;
    check_situation(situation(), Place::Waiting, "win10", "waiting for win10, which is off");
    mark(machine, Mark::Released, "win10");
    check_situation(situation(), Place::Released, "win10",
                    "stopped by hand; 'systemctl start " + unit + "' gives it to the guest again");
}

TEST_CASE("without a service manager nothing is said") {
    const Machine machine;
    fakes().bus_answers = false;
    World world;
    const auto device = find_device(receiver_node);
    REQUIRE(device);
    const auto found = situation_of(world, device->value());
    REQUIRE_FALSE(found);
    CHECK(found.error().message == "Cannot connect to the system bus: fake");
}

TEST_CASE("the failure of a device that has left, or that nobody wants, is forgotten") {
    const Machine machine;
    (void)machine.guest("win10", "[[usb]]\nid = \"046d:c52b\"\n");
    const std::string left = "usb-hotplug@dev-bus-usb-001-099.service";
    const std::string unwanted = "usb-hotplug@dev-bus-usb-001-014.service";
    fakes().units_active = {{unit, "failed"},
                            {left, "failed"},
                            {unwanted, "failed"},
                            {"usb-hotplug@dev-bus-usb-001-098.service", "inactive"},
                            {"usb-hotplug-guest@win10.service", "failed"}};
    World world;
    forget_stale_failures(world);
    CHECK(fakes().units_forgotten == std::vector<std::string>{unwanted, left});
    // Nobody asks for it any more.
    fakes().units_on.clear();
    fakes().units_forgotten.clear();
    World later;
    forget_stale_failures(later);
    CHECK(fakes().units_forgotten == std::vector<std::string>{unit, unwanted, left});
}

TEST_CASE("a device that a guest would not let go of is with that guest, as its unit failed") {
    Machine machine;
    (void)machine.guest("win10");
    REQUIRE(machine.start());
    fakes().units_active[unit] = "failed";
    fakes().units_on.clear();
    check_situation(situation(), Place::Failed, "win10",
                    "win10 has not let go of it; see 'systemctl status " + unit + "'");
}

TEST_CASE("a device that somebody is in the way of waits, and who that is is said") {
    Machine machine;
    (void)machine.guest("win10");
    mark(machine, Mark::Blocked, "win10 already has it");
    check_situation(situation(), Place::Waiting, "win10", "win10 already has it");
    mark(machine, Mark::Failed, "no free port");
    check_situation(situation(), Place::Failed, "win10", "no free port");
}
