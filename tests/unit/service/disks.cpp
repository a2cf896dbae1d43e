// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/start and service/stop for disks, on the machine of disks.umockdev.

#include "host/devices.h"
#include "host/fake_machine.h"
#include "service/machine.h"
#include "service/situation.h"

#include <cerrno>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string usb_node = "/dev/bus/usb/001/005";
const std::string sda_node = "/dev/sda";
const std::string usb_path = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4";
const std::string disk_path = usb_path + "/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sda";
constexpr std::string_view wants_disk = "[[disk]]\nserial = \"AA00\"\ntarget = \"vdb\"\n";

/// Which units were started, in order.
std::vector<std::string>& started() {
    static std::vector<std::string> units;
    return units;
}

void note_jobs() {
    started().clear();
    fakes().job = [](UnitVerb, const std::string& unit) { started().push_back(unit); };
}

} // namespace

TEST_CASE("a disk goes to the guest as its rule says, and udev looks again before") {
    Machine machine;
    machine.guest("win10", wants_disk);
    note_jobs();
    fakes().attach = [] {
        CHECK(started() == std::vector<std::string>{"usb-hotplug-refresh@dev-sda.service"});
        return AttachOutcome{AttachOutcome::Attached, ""};
    };
    const auto report = machine.start(sda_node);
    REQUIRE(report);
    CHECK(report->kind == StartKind::Attached);
    CHECK(report->text == "win10 has disk /dev/sda, 4 MiB, serial AA00 at port 1-4");
    REQUIRE(fakes().attached.size() == 1);
    CHECK(fakes().attached[0].alias == "ua-usb-hotplug-dev-sda");
    const auto& source = std::get<DiskSource>(fakes().attached[0].source);
    CHECK(source.path == "/dev/sda");
    CHECK(source.nodes == std::vector<std::string>{"/dev/sda", "/dev/sda1"});
    CHECK(source.serial == "AA00");
    CHECK(source.settings.target == "vdb");
    const auto record = machine.state().read_record("dev-sda");
    REQUIRE(record);
    REQUIRE(record->has_value());
    CHECK((*record)->plug == plug_id(disk_path));
    CHECK((*record)->drivers.empty());

    const auto stopped = machine.stop(sda_node);
    REQUIRE(stopped);
    CHECK(stopped->text == "The host has disk /dev/sda at port 1-4 again, from win10");
    CHECK(fakes().detached == std::vector<std::string>{"ua-usb-hotplug-dev-sda"});
    CHECK(started().size() == 2);
    CHECK(machine.files("attached").empty());
    CHECK(machine.state().read_mark(Mark::Released, "dev-sda", plug_id(disk_path)) == "win10");
}

TEST_CASE("a disk that the host uses stays, unless the rule says force") {
    for (const bool force : {false, true}) {
        CAPTURE(force);
        Machine machine;
        machine.guest("win10", std::string(wants_disk) + (force ? "force = true\n" : ""));
        const FakeFile mounts("/proc/1/mountinfo",
                              "36 35 8:1 / /mnt/backup rw - ext4 /dev/sda1 rw\n");
        const auto report = machine.start(sda_node);
        CHECK(report.has_value() == force);
        CHECK(fakes().attached.size() == (force ? 1 : 0));
        if (!report) {
            CHECK(report.error().message ==
                  "Not taking disk /dev/sda, 4 MiB, serial AA00 at port 1-4 from the host, which "
                  "uses it: /dev/sda1 is mounted at /mnt/backup; end that, then 'systemctl start "
                  "usb-hotplug@dev-sda.service'");
            CHECK(report.error().code == EBUSY);
        }
    }
}

TEST_CASE("a target that is taken is said, and what it is worth waiting for") {
    Machine machine;
    machine.guest("win10", wants_disk);
    fakes().attach = [] { return AttachOutcome{AttachOutcome::TargetTaken, "/dev/sdz"}; };
    const auto report = machine.start(sda_node);
    REQUIRE_FALSE(report);
    CHECK(
        report.error().message ==
        "Cannot give disk /dev/sda, 4 MiB, serial AA00 at port 1-4 to win10: its vdb is taken, by "
        "/dev/sdz; it gets this one when that is free, or by another target in the rule");
    CHECK(report.error().code == EBUSY);
    CHECK(machine.files("attached").empty());
}

TEST_CASE("a USB device whose disk a rule wants stays for that") {
    Machine machine;
    const std::string file =
        machine.guest("win10", "[[usb]]\nall = true\n" + std::string(wants_disk));
    const auto report = machine.start(usb_node);
    REQUIRE(report);
    CHECK(report->kind == StartKind::Nobody);
    CHECK(report->text == "0781:5567 SanDisk Cruzer at port 1-4 stays with the host: its disk "
                          "/dev/sda is for [[disk]] rule in " +
                              file + ", line 3; see 'usb-hotplugctl explain 1-4'");
    CHECK(fakes().attached.empty());
}

TEST_CASE("a rule for another disk, or of a guest that is not enabled, keeps no device") {
    Machine machine;
    machine.guest("win10", "[[usb]]\nall = true\n[[disk]]\nserial = \"BB\"\n");
    machine.guest("work", wants_disk);
    fakes().units_on.erase("usb-hotplug@work.target");
    const auto report = machine.start(usb_node);
    REQUIRE(report);
    CHECK(report->kind == StartKind::Attached);
}

TEST_CASE("a device whose disk a guest has is not given away under it") {
    Machine machine;
    machine.guest("win10", "[[usb]]\nall = true\n");
    AttachRecord record;
    record.instance = "dev-sda";
    record.guest = "work";
    record.plug = plug_id(disk_path);
    record.syspath = disk_path;
    REQUIRE(machine.state().write_record(record));
    const auto report = machine.start(usb_node);
    REQUIRE_FALSE(report);
    CHECK(report.error().message.find("uses it: /dev/sda is given to work as a disk") !=
          std::string::npos);
    record.cut_off = true;
    REQUIRE(machine.state().write_record(record));
    CHECK(machine.start(usb_node));
}

TEST_CASE("a disk is cut off from a guest that does not let go, and stays with the host") {
    Machine machine;
    machine.guest("win10", wants_disk);
    REQUIRE(machine.start(sda_node));
    fakes().detach = [] { return DetachOutcome::NoAnswer; };
    const auto stopped = machine.stop(sda_node);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().message.find("usb-hotplugctl detach --force /dev/sda") !=
          std::string::npos);

    World world;
    const auto disk = find_device(sda_node);
    REQUIRE(disk);
    REQUIRE(disk->has_value());
    const auto report = cut_off_disk(world, **disk);
    REQUIRE(report);
    CHECK(report->kind == StopKind::CutOff);
    CHECK(fakes().cut_off == std::vector<std::string>{"ua-usb-hotplug-dev-sda"});
    CHECK(machine.state().read_mark(Mark::Released, "dev-sda", plug_id(disk_path)) == "win10");
    const auto situation = situation_of(world, **disk);
    REQUIRE(situation);
    CHECK(situation->place == Place::Released);

    // What the guest still has by our alias is not taken for the disk.
    CHECK_FALSE(machine.start(sda_node));
    CHECK(fakes().attached.size() == 1);
    fakes().detach = [] { return DetachOutcome::Detached; };
    CHECK(machine.start(sda_node));
    CHECK(fakes().attached.size() == 2);
}
