// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/stop: a device comes back by the record of its start alone.

#include "base/file.h"
#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

using Names = std::vector<std::string>;

/// Attached to the enabled guest win10, whose configuration is gone since.
struct Attached : Machine {
    explicit Attached(const std::string& plug = plug_id(receiver_path)) {
        AttachRecord record;
        record.instance = receiver_instance;
        record.guest = "win10";
        record.address = {BackendKind::Libvirt, "qemu:///system", "Windows 10"};
        record.alias = "ua-usb-hotplug-dev-bus-usb-001-003";
        record.plug = plug;
        record.syspath = receiver_path;
        record.port = "1-10";
        record.id = "046d:c52b";
        record.peer = "2-3";
        REQUIRE(state().write_record(record));
        fakes().units_on.insert("usb-hotplug@win10.target");
    }
};

} // namespace

TEST_CASE("a device that was never given away has nothing to take back") {
    Machine machine;
    const auto report = machine.stop();
    REQUIRE(report);
    CHECK(report->kind == StopKind::NothingToDo);
    CHECK(report->text == "/dev/bus/usb/001/003: nothing to take back");
    CHECK(fakes().connected.empty());
}

TEST_CASE("a device that the user stops comes back and stays with the host") {
    Attached machine;
    const auto report = machine.stop();
    REQUIRE(report);
    CHECK(report->kind == StopKind::Returned);
    CHECK(report->text == "The host has 046d:c52b at port 1-10 again, from win10");
    CHECK(fakes().connected == Names{"Windows 10"});
    CHECK(fakes().detached == Names{"ua-usb-hotplug-dev-bus-usb-001-003"});
    CHECK(machine.files("attached").empty());
    CHECK(machine.released() == "win10");
    // Again: there is nothing left.
    CHECK(machine.stop()->kind == StopKind::NothingToDo);
    CHECK(fakes().detached.size() == 1);
}

TEST_CASE("a device whose guest is off or no longer enabled is free to go there again") {
    {
        Attached machine;
        fakes().detach = [] { return DetachOutcome::GuestOff; };
        const auto report = machine.stop();
        REQUIRE(report);
        CHECK(report->kind == StopKind::Returned);
        CHECK(machine.released() == std::nullopt);
        CHECK(machine.files("attached").empty());
    }
    {
        Attached machine;
        fakes().units_on.clear();
        REQUIRE(machine.stop());
        CHECK(machine.released() == std::nullopt);
    }
    Attached machine;
    fakes().bus_answers = false;
    REQUIRE(machine.stop());
    CHECK(machine.released() == std::nullopt);
}

TEST_CASE("a guest that has it no more is success") {
    Attached machine;
    fakes().detach = [] { return DetachOutcome::NotAttached; };
    const auto report = machine.stop();
    REQUIRE(report);
    CHECK(report->kind == StopKind::Returned);
    CHECK(machine.files("attached").empty());
}

TEST_CASE("an unplugged device is taken out of the guest too") {
    Attached machine("another plug");
    const auto report = machine.stop();
    REQUIRE(report);
    CHECK(report->kind == StopKind::DeviceGone);
    CHECK(report->text == "046d:c52b at port 1-10 was unplugged from win10");
    CHECK(fakes().detached.size() == 1);
    CHECK(machine.files("attached").empty());
    CHECK(machine.files("released").empty());
}

TEST_CASE(
    "that a device was unplugged is noted at once, and once, for what comes to its port next") {
    Attached machine("another plug");
    fakes().detach = [&] {
        CHECK(machine.files("left") == Names{"1-10", "2-3"});
        return DetachOutcome::NoAnswer;
    };
    const auto before = now_since_boot();
    REQUIRE_FALSE(machine.stop());
    const auto departure = machine.state().read_departure("1-10");
    REQUIRE(departure);
    CHECK(departure->guest == "win10");
    CHECK(departure->plug == "another plug");
    CHECK(departure->when >= before);
    fakes().detach = [] { return DetachOutcome::Detached; };
    REQUIRE(machine.stop());
    CHECK(machine.state().read_departure("1-10")->when == departure->when);
}

TEST_CASE("a device that is given back has not left") {
    Attached machine;
    REQUIRE(machine.stop());
    CHECK(machine.files("left").empty());
}

TEST_CASE("a guest that does not let go is a failure, and stop can be tried again") {
    Attached machine;
    fakes().detach = [] { return DetachOutcome::NoAnswer; };
    const auto report = machine.stop();
    REQUIRE_FALSE(report);
    CHECK(report.error().message ==
          "win10 does not let go of 046d:c52b at port 1-10 (ua-usb-hotplug-dev-bus-usb-001-003); "
          "shut the guest down, or try again with 'systemctl start "
          "usb-hotplug@dev-bus-usb-001-003.service' and 'systemctl stop "
          "usb-hotplug@dev-bus-usb-001-003.service'");
    CHECK(machine.record());
    fakes().detach = [] { return DetachOutcome::Detached; };
    CHECK(machine.stop()->kind == StopKind::Returned);
}

TEST_CASE("a hypervisor that is restarting is waited for, and one that is lost is a failure") {
    Attached machine;
    machine.longest = 2;
    fakes().detach = []() -> Result<DetachOutcome> {
        if (fakes().detached.size() < 3) {
            return fail("connection lost");
        }
        return DetachOutcome::Detached;
    };
    CHECK(machine.stop()->kind == StopKind::Returned);
    CHECK(fakes().connected == Names{"Windows 10", "Windows 10", "Windows 10"});
    Attached lost;
    fakes().hypervisor_answers = false;
    const auto report = lost.stop();
    REQUIRE_FALSE(report);
    CHECK(report.error().message == "Cannot reach qemu:///system: fake");
    CHECK(lost.record());
}

TEST_CASE("a damaged record is said and not guessed at") {
    Machine machine;
    AttachRecord record;
    record.instance = receiver_instance;
    REQUIRE(machine.state().write_record(record));
    REQUIRE(machine.files("attached") == Names{receiver_instance});
    const std::string file = state_folder() + "/attached/" + receiver_instance;
    REQUIRE(write_file(file, "guest = "));
    const auto report = machine.stop();
    REQUIRE_FALSE(report);
    CHECK(report.error().message.starts_with(file + " is damaged: "));
    CHECK(fakes().detached.empty());
}

TEST_CASE("a paused guest's device is kept for it, and is not released") {
    Attached machine;
    REQUIRE(machine.state().pause("win10"));
    REQUIRE(machine.stop());
    CHECK(machine.released() == std::nullopt);
    CHECK(machine.state().read_mark(Mark::Kept, receiver_instance, plug_id(receiver_path)) ==
          "win10");
}

TEST_CASE("a guest that goes off keeps its devices from others only if its file says so") {
    for (const bool stay : {false, true}) {
        Attached machine;
        (void)machine.guest("win10", std::string("[guest]\nstay = ") + (stay ? "true" : "false") +
                                         "\n[[usb]]\nall = true\n");
        fakes().detach = [] { return DetachOutcome::GuestOff; };
        REQUIRE(machine.stop());
        CHECK(machine.files("kept").empty() != stay);
    }
    // A stop by hand while it is on is the user's wish, whatever the file says.
    Attached machine;
    (void)machine.guest("win10", "[guest]\nstay = true\n[[usb]]\nall = true\n");
    REQUIRE(machine.stop());
    CHECK(machine.released() == "win10");
    CHECK(machine.files("kept").empty());
}
