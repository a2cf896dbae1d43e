// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/start: what starting a device unit comes to, and what is left written down.

#include "service/machine.h"

#include "host/fake_machine.h"

#include <array>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

using Names = std::vector<std::string>;

const std::string receiver = "046d:c52b Logitech USB Receiver at port 1-10";

} // namespace

TEST_CASE("a wanted device is attached by our alias, and what was done is written down") {
    Machine machine;
    (void)machine.guest("win10", "[guest]\ndomain = \"Windows 10\"\n[[usb]]\nid = \"046d:c52b\"\n");
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->kind == StartKind::Attached);
    CHECK(report->text == "win10 has " + receiver);
    CHECK(report->fields == Fields{{"USB_HOTPLUG_DEVICE", receiver_node},
                                   {"USB_HOTPLUG_PORT", "1-10"},
                                   {"USB_HOTPLUG_ID", "046d:c52b"},
                                   {"USB_HOTPLUG_GUEST", "win10"}});
    CHECK(fakes().connected == Names{"Windows 10"});
    REQUIRE(fakes().attached.size() == 1);
    CHECK(fakes().attached[0].alias == "ua-usb-hotplug-dev-bus-usb-001-003");
    const auto& source = std::get<UsbSource>(fakes().attached[0].source);
    CHECK(source.bus == 1);
    CHECK(source.number == 3);
    CHECK(source.id.vendor == 0x046d);
    CHECK(source.id.product == 0xc52b);
    const auto record = machine.record();
    REQUIRE(record);
    CHECK(record->guest == "win10");
    CHECK(record->address.domain == "Windows 10");
    CHECK(record->alias == fakes().attached[0].alias);
    CHECK(record->plug == plug_id(receiver_path));
    CHECK(record->syspath == receiver_path);
}

TEST_CASE("a device that the guest has already is no failure") {
    Machine machine;
    (void)machine.guest("win10");
    fakes().attach = [] { return AttachOutcome{AttachOutcome::AlreadyAttached, ""}; };
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->kind == StartKind::AlreadyAttached);
    CHECK(report->text == "win10 already has " + receiver);
    CHECK(machine.record());
}

TEST_CASE("a start forgets that the device was released, and that it failed before") {
    Machine machine;
    (void)machine.guest("win10");
    const std::string plug = plug_id(receiver_path);
    REQUIRE(machine.state().write_mark(Mark::Released, receiver_instance, "win10", plug));
    REQUIRE(machine.state().write_mark(Mark::Failed, receiver_instance, "why", plug));
    REQUIRE(machine.start());
    CHECK(machine.files("released").empty());
    CHECK(machine.files("failed").empty());
}

TEST_CASE("a device that no guest wants, or is a hub, stays with the host") {
    Machine machine;
    (void)machine.guest("win10", "[[usb]]\nid = \"1234:*\"\n");
    const auto nobody = machine.start();
    REQUIRE(nobody);
    CHECK(nobody->kind == StartKind::Nobody);
    CHECK(nobody->text == receiver + " is wanted by no guest's rules; see 'usb-hotplugctl explain "
                                     "1-10'");
    (void)machine.guest("all");
    const auto hub = machine.start("/dev/bus/usb/001/002");
    REQUIRE(hub);
    CHECK(hub->kind == StartKind::Nobody);
    CHECK(hub->text == "05e3:0610 at port 1-2 is a hub, and hubs stay with the host; see "
                       "'usb-hotplugctl explain 1-2'");
    CHECK(fakes().connected.empty());
    CHECK(machine.files("attached").empty());
}

TEST_CASE("a device that is gone, and one that is not allowed here, are skipped") {
    Machine machine;
    (void)machine.guest("win10");
    const auto gone = machine.start("/dev/bus/usb/001/099");
    REQUIRE(gone);
    CHECK(gone->kind == StartKind::DeviceGone);
    CHECK(gone->text == "/dev/bus/usb/001/099 was unplugged");
    const auto blocked = machine.start("/dev/bus/usb/001/014");
    REQUIRE(blocked);
    CHECK(blocked->kind == StartKind::NotAuthorised);
    CHECK(blocked->text == "0781:5567 at port 1-2.4 is not authorised on this host (usbguard?); "
                           "allow it, then 'systemctl start "
                           "usb-hotplug@dev-bus-usb-001-014.service'");
    CHECK(fakes().attached.empty());
}

TEST_CASE("a hostile device's name is shown harmless") {
    Machine machine;
    (void)machine.guest("win10");
    const auto report = machine.start("/dev/bus/usb/001/015");
    REQUIRE(report);
    CHECK(report->text == "win10 has 0bad:0001 a\\x0aUSB_HOTPLUG_UNIT=x\\x1b[31m at port 1-2.11");
}

TEST_CASE("a device waits for a guest that is off, missing or not enabled") {
    struct Case {
        GuestState guest;
        std::string why;
    };
    for (const Case& c : {Case{GuestState::Off, "which is off"},
                          Case{GuestState::Missing, "which its hypervisor does not know"}}) {
        Machine machine;
        (void)machine.guest("win10");
        fakes().guest = c.guest;
        const auto report = machine.start();
        REQUIRE(report);
        CHECK(report->kind == StartKind::Waiting);
        CHECK(report->text == receiver + " is waiting for win10, " + c.why);
        CHECK(machine.pauses == 0);
        CHECK(machine.files("attached").empty());
    }
    Machine machine;
    (void)machine.guest("win10");
    fakes().units_on.clear();
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->text == receiver + " is waiting for win10, which is not enabled");
    CHECK(fakes().connected.empty());
}

TEST_CASE("a guest that goes off while it is given a device is waited for, with nothing to undo") {
    Machine machine;
    (void)machine.guest("win10");
    fakes().attach = [] { return AttachOutcome{AttachOutcome::GuestOff, ""}; };
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->kind == StartKind::Waiting);
    CHECK(report->text == receiver + " is waiting for win10, which is off");
    CHECK(machine.files("attached").empty());
}

TEST_CASE("a refusal says what to do, and leaves nothing to undo") {
    struct Case {
        AttachOutcome outcome;
        std::string why;
        int tries;
    };
    const std::array cases = {
        Case{{AttachOutcome::InUse, "wo\nrk"},
             "guest wo\\x0ark has it; detach it there first, or take it out of that domain's own "
             "XML",
             1},
        Case{{AttachOutcome::NoFreePort, "4"},
             "all 4 USB ports of the guest are taken; give its domain a USB controller with more, "
             "as in <controller type='usb' model='qemu-xhci' ports='15'/>",
             1},
        Case{{AttachOutcome::Refused, "QEMU says no"}, "QEMU says no", 4},
    };
    for (const Case& c : cases) {
        CAPTURE(c.why);
        Machine machine;
        machine.longest = 3;
        (void)machine.guest("win10");
        fakes().attach = [&] { return c.outcome; };
        const auto report = machine.start();
        REQUIRE_FALSE(report);
        CHECK(report.error().message == "Cannot give " + receiver + " to win10: " + c.why);
        CHECK(static_cast<int>(fakes().attached.size()) == c.tries);
        CHECK(machine.files("attached").empty());
        CHECK(machine.fields.back().second == "win10");
    }
}

TEST_CASE("a refusal that passes is tried again") {
    Machine machine;
    machine.longest = 10;
    (void)machine.guest("win10");
    int tries = 0;
    fakes().attach = [&]() -> Result<AttachOutcome> {
        ++tries;
        if (tries == 1) {
            return fail("connection lost");
        }
        return AttachOutcome{tries < 4 ? AttachOutcome::Refused : AttachOutcome::Attached, ""};
    };
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->kind == StartKind::Attached);
    CHECK(tries == 4);
    // The lost connection was made anew.
    CHECK(fakes().connected == Names{"win10", "win10"});
}

TEST_CASE("an attach that ended nobody knows how keeps its record, for stop") {
    Machine machine;
    (void)machine.guest("win10");
    fakes().attach = []() -> Result<AttachOutcome> { return fail("connection lost"); };
    const auto report = machine.start();
    REQUIRE_FALSE(report);
    CHECK(report.error().message == "connection lost");
    CHECK(machine.record());
}

TEST_CASE("a hypervisor that does not answer is tried for a while, then it is a failure") {
    Machine machine;
    machine.longest = 2;
    (void)machine.guest("win10");
    fakes().hypervisor_answers = false;
    const auto report = machine.start();
    REQUIRE_FALSE(report);
    CHECK(report.error().message == receiver + ": Cannot reach qemu:///system: fake");
    CHECK(fakes().connected == Names{"win10", "win10", "win10"});
    CHECK(machine.files("attached").empty());
}

TEST_CASE("without a service manager nothing is attached") {
    Machine machine;
    (void)machine.guest("win10");
    fakes().bus_answers = false;
    const auto report = machine.start();
    REQUIRE_FALSE(report);
    CHECK(report.error().message == receiver + ": Cannot connect to the system bus: fake");
    CHECK(fakes().attached.empty());
}

TEST_CASE("the first guest in line that is enabled gets the device") {
    Machine machine;
    (void)machine.guest("a");
    (void)machine.guest("b", "[guest]\npriority = 5\n[[usb]]\nall = true\n");
    (void)machine.guest("c");
    fakes().units_on.erase("usb-hotplug@b.target");
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->text == "a has " + receiver);
    CHECK(fakes().connected == Names{"a"});
}

TEST_CASE("what was said by hand counts before the rules") {
    Machine machine;
    (void)machine.guest("a");
    (void)machine.guest("b", "");
    REQUIRE(
        machine.state().write_mark(Mark::ByHand, receiver_instance, "b", plug_id(receiver_path)));
    CHECK(machine.start()->text == "b has " + receiver);
}

TEST_CASE("a disk that the host uses is not taken from it") {
    Machine machine;
    (void)machine.guest("win10");
    const std::string disk = receiver_path + "/1-10:1.0/host4/target4:0:0/4:0:0:0/block/sdz";
    const FakeFile number(disk + "/dev", "8:400\n");
    const FakeFile mounts("/proc/1/mountinfo", "30 22 8:400 / /mnt rw - vfat /dev/sdz rw\n");
    const FakeFile swaps("/proc/swaps", "");
    const auto report = machine.start();
    REQUIRE_FALSE(report);
    CHECK(report.error().message ==
          "Not taking " + receiver +
              " from the host, which uses it: /dev/sdz is mounted at /mnt; end that, then "
              "'systemctl start usb-hotplug@dev-bus-usb-001-003.service'");
    CHECK(fakes().attached.empty());
    CHECK(machine.files("attached").empty());
}

TEST_CASE("a disk of which nobody can tell whether the host uses it is not taken either") {
    Machine machine;
    (void)machine.guest("win10");
    const FakeFile number(receiver_path + "/1-10:1.0/host4/target4:0:0/4:0:0:0/block/sdz/dev", "");
    const FakeFile mounts("/proc/1/mountinfo", std::string((std::size_t{16} << 20U) + 1, ' '));
    const auto report = machine.start();
    REQUIRE_FALSE(report);
    CHECK(report.error().message.starts_with(
        "Not taking " + receiver +
        " from the host, which may use it: /proc/1/mountinfo is larger than "));
    CHECK(fakes().attached.empty());
}

TEST_CASE("what a start that was cut off left with another guest is taken back first") {
    Machine machine;
    (void)machine.guest("win10");
    AttachRecord left;
    left.instance = receiver_instance;
    left.guest = "old";
    left.alias = "ua-usb-hotplug-old";
    left.plug = plug_id(receiver_path);
    left.syspath = receiver_path;
    REQUIRE(machine.state().write_record(left));
    REQUIRE(machine.start());
    CHECK(fakes().detached == Names{"ua-usb-hotplug-old"});
    CHECK(machine.record()->guest == "win10");
    // The same guest's, of this plugging in, is no leftover; of one before it is.
    fakes().detached.clear();
    REQUIRE(machine.start());
    CHECK(fakes().detached.empty());
    left.guest = "win10";
    left.plug = "one before";
    REQUIRE(machine.state().write_record(left));
    REQUIRE(machine.start());
    CHECK(fakes().detached == Names{"ua-usb-hotplug-old"});
    CHECK(machine.record()->plug == plug_id(receiver_path));
}

TEST_CASE("of two devices with the same numbers and serial, the one that was plugged in is given") {
    Machine machine;
    (void)machine.guest("win10", "[[usb]]\nserial = \"0001\"\n");
    const std::array nodes = {"/dev/bus/usb/002/004", "/dev/bus/usb/002/003"};
    for (const std::string node : nodes) {
        const auto report = machine.start(node);
        REQUIRE(report);
        CHECK(report->kind == StartKind::Attached);
    }
    REQUIRE(fakes().attached.size() == 2);
    CHECK(fakes().attached[0].alias == "ua-usb-hotplug-dev-bus-usb-002-004");
    CHECK(fakes().attached[1].alias == "ua-usb-hotplug-dev-bus-usb-002-003");
    CHECK(std::get<UsbSource>(fakes().attached[0].source).number == 4);
    CHECK(std::get<UsbSource>(fakes().attached[1].source).number == 3);
    CHECK(machine.state().read_record("dev-bus-usb-002-004")->value().port == "2-3");
    CHECK(machine.state().read_record("dev-bus-usb-002-003")->value().port == "2-2");
    // And the one that is stopped is taken back.
    REQUIRE(machine.stop(nodes[0]));
    CHECK(fakes().detached == Names{"ua-usb-hotplug-dev-bus-usb-002-004"});
    CHECK(machine.files("attached") == Names{"dev-bus-usb-002-003"});
    CHECK(machine.files("released") == Names{"dev-bus-usb-002-004"});
}

TEST_CASE("a device that the guest has from somebody else is left there, and that is no failure") {
    Machine machine;
    (void)machine.guest("win10");
    fakes().attach = [] { return AttachOutcome{AttachOutcome::HasOtherwise, "in use"}; };
    const auto report = machine.start();
    REQUIRE(report);
    CHECK(report->kind == StartKind::HasOtherwise);
    CHECK(report->text.starts_with("win10 already has " + receiver + ", but not from usb-hotplug"));
    CHECK_FALSE(machine.record());
    CHECK(fakes().attached.size() == 1);
}

TEST_CASE("whether somebody has to make room first is told apart from what may pass") {
    const std::array cases = {std::pair{AttachOutcome::InUse, EBUSY},
                              std::pair{AttachOutcome::NoFreePort, EBUSY},
                              std::pair{AttachOutcome::Refused, 0}};
    for (const auto& [kind, code] : cases) {
        Machine machine;
        (void)machine.guest("win10");
        fakes().attach = [kind = kind] { return AttachOutcome{kind, "1"}; };
        const auto report = machine.start();
        REQUIRE_FALSE(report);
        CHECK(report.error().code == code);
    }
}

TEST_CASE("a paused guest is waited for, and a device that is kept goes to nobody else") {
    Machine machine;
    (void)machine.guest("alpha");
    (void)machine.guest("beta");
    REQUIRE(machine.state().pause("alpha"));
    auto report = machine.start();
    REQUIRE(report);
    CHECK(report->kind == StartKind::Waiting);
    CHECK(report->text == receiver + " is waiting for alpha, which is paused");
    REQUIRE(machine.state().resume("alpha"));

    REQUIRE(
        machine.state().write_mark(Mark::Kept, receiver_instance, "beta", plug_id(receiver_path)));
    report = machine.start();
    REQUIRE(report);
    CHECK(report->text == "beta has " + receiver);
    CHECK(machine.files("kept").empty());
}

TEST_CASE("whoever starts a device has changed their mind, also if it comes to nothing") {
    Machine machine;
    (void)machine.guest("win10");
    REQUIRE(machine.state().write_mark(Mark::Released, receiver_instance, "win10",
                                       plug_id(receiver_path)));
    fakes().attach = [] { return AttachOutcome{AttachOutcome::NoFreePort, "1"}; };
    REQUIRE_FALSE(machine.start());
    CHECK(machine.released() == std::nullopt);
}
