// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/check: what is said of guests, devices and the machine, on the fake machine of
// devices.umockdev.

#include "service/check.h"

#include "base/file.h"
#include "host/fake_machine.h"
#include "service/machine.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

std::string codes(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += (text.empty() ? "" : "; ") + finding.code +
                (finding.guest.empty() ? "" : " " + finding.guest);
    }
    return text;
}

std::string codes_of_guests() {
    World world;
    return codes(check_guests(world));
}

std::string codes_of_world() {
    World world;
    return codes(check_world(world));
}

const PluggedDevice& at(const Plugged& plugged, std::string_view port) {
    const auto found =
        std::find_if(plugged.devices.begin(), plugged.devices.end(),
                     [&](const PluggedDevice& each) { return each.device.port == port; });
    REQUIRE(found != plugged.devices.end());
    return *found;
}

Plugged look() {
    World world;
    std::vector<Finding> findings;
    Plugged plugged = look_at_devices(world, findings);
    CHECK(findings.empty());
    return plugged;
}

const std::string disk = receiver_path + "/1-10:1.1/host4/target4:0:0/4:0:0:0/block/sdz";

} // namespace

TEST_CASE("guests that are known and enabled are in order, running or not") {
    const Machine machine;
    (void)machine.guest("a");
    for (const GuestState state : {GuestState::Running, GuestState::Off}) {
        fakes().guest = state;
        CHECK(codes_of_guests().empty());
    }
}

TEST_CASE("no guest at all is a warning, and not what a broken file is") {
    const Machine machine;
    CHECK(codes_of_guests() == "no-guest");
    (void)machine.guest("a", "[[usb]]\n");
    CHECK(codes_of_guests().empty());
}

TEST_CASE("a guest that its hypervisor does not know is a warning at its file") {
    const Machine machine;
    const std::string file = machine.guest("a", "[guest]\ndomain = \"b\\u001b\"\n");
    fakes().guest = GuestState::Missing;
    World world;
    const auto findings = check_guests(world);
    CHECK(codes(findings) == "guest-missing a");
    CHECK(findings.at(0).file == file);
    CHECK(findings.at(0).severity == Severity::Warning);
    CHECK(findings.at(0).what == "qemu:///system has no domain 'b\\x1b'");
}

TEST_CASE("a hypervisor that does not answer is said and asked once, whatever its guests are") {
    const Machine machine;
    for (const std::string name : {"a", "b", "c"}) {
        (void)machine.guest(name);
    }
    (void)machine.guest("d", "[guest]\nconnect = \"qemu:///session\"\n");
    fakes().hypervisor_answers = false;
    World world;
    const auto findings = check_guests(world);
    CHECK(codes(findings) == "hypervisor-unreachable; hypervisor-unreachable");
    CHECK(findings.at(0).what == "Cannot reach qemu:///system: fake");
    CHECK(findings.at(1).what == "Cannot reach qemu:///session: fake");
    CHECK(fakes().connected == std::vector<std::string>{"a", "d"});
}

TEST_CASE("a hypervisor that only a program without the services' limits can reach is a warning") {
    const Machine machine;
    (void)machine.guest("a", "[guest]\nconnect = \"qemu+unix:///system\"\n");
    const std::string file = machine.guest("b", "[guest]\nconnect = \"qemu+ssh://h\\u001b/\"\n");
    World world;
    const auto findings = check_guests(world);
    CHECK(codes(findings) == "hypervisor-remote b");
    CHECK(findings.at(0).severity == Severity::Warning);
    CHECK(findings.at(0).file == file);
    CHECK(findings.at(0).what.find("qemu+ssh://h\\x1b/") != std::string::npos);
}

TEST_CASE("a QMP socket that the services do not see is an error") {
    const Machine machine;
    const std::string file = machine.guest("a", "[guest]\nqmp = \"/tmp/a\"\n");
    (void)machine.guest("b", "[guest]\nqmp = \"/home/b/qmp\"\n");
    (void)machine.guest("c", "[guest]\nqmp = \"/run/c\"\n");
    (void)machine.guest("d", "[guest]\nqmp = \"/run/users/d\"\n");
    (void)machine.guest("e", "[guest]\nqmp = \"/run/user/0/e\"\n");
    World world;
    const auto findings = check_guests(world);
    CHECK(codes(findings) == "qmp-hidden a; qmp-hidden b; qmp-hidden e");
    CHECK(findings.at(0).severity == Severity::Error);
    CHECK(findings.at(0).file == file);
}

TEST_CASE("a guest that is not enabled is a note, and nothing is said where systemd is silent") {
    const Machine machine;
    (void)machine.guest("a");
    fakes().units_on.clear();
    World world;
    const auto findings = check_guests(world);
    CHECK(codes(findings) == "guest-not-enabled a");
    CHECK(findings.at(0).severity == Severity::Note);
    CHECK(findings.at(0).advice == "'systemctl enable --now usb-hotplug@a.target' does");
    fakes().bus_answers = false;
    CHECK(codes_of_guests().empty());
}

TEST_CASE("plugged devices are seen with what the host does with them") {
    const Machine machine;
    {
        const Plugged plugged = look();
        CHECK(plugged.devices.size() == 8);
        CHECK(plugged.other_keyboard);
        CHECK(at(plugged, "1-10").has_keyboard);
        CHECK_FALSE(at(plugged, "10-1").has_keyboard);
        CHECK(at(plugged, "1-10").host_use == std::nullopt);
    }
    const FakeFile number("/sys/" + disk.substr(5) + "/dev", "8:16\n");
    {
        // It cannot be told.
        const FakeFile mounts("/proc/1/mountinfo", std::string((std::size_t{16} << 20U) + 1, ' '));
        CHECK(at(look(), "1-10").host_use == std::nullopt);
    }
    const FakeFile mounts("/proc/1/mountinfo", "36 35 8:16 / / rw - ext4 /dev/sdz rw\n");
    CHECK(at(look(), "1-10").host_use == "/dev/sdz is mounted at /");
    CHECK(at(look(), "10-1").host_use == std::nullopt);
}

TEST_CASE("a keyboard that a guest has now is still one") {
    const Machine machine;
    const FakeAbsence taken("/sys/class/input/input5");
    CHECK_FALSE(at(look(), "1-10").has_keyboard);
    AttachRecord record;
    record.instance = receiver_instance;
    record.plug = "of an earlier device";
    REQUIRE(machine.state().write_record(record));
    CHECK_FALSE(at(look(), "1-10").has_keyboard);
    record.plug = plug_id(receiver_path);
    REQUIRE(machine.state().write_record(record));
    CHECK(at(look(), "1-10").has_keyboard);
}

TEST_CASE("all findings are in one list, by place, those without a file first") {
    const Machine machine;
    (void)machine.guest("b", "[[usb]]\nbus = 1\n\n[[usb]]\nport = \"1-2\"\n\n"
                             "[[usb]]\ndevice = { class = 9 }\n");
    (void)machine.guest("a", "# usb\n\n\n\n\n\n\n\n[[usb]]\nbuss = 1\n");
    fakes().hypervisor_answers = false;
    CHECK(codes_of_world() == "hypervisor-unreachable; config-key a; rule-hub b; rule-hub b");
}

TEST_CASE("of a guest whose earlier rules are in force the mistakes are said, and that they are") {
    const Machine machine;
    const std::string file = machine.guest("a", "[[usb]]\nbuss = 1\n");
    const std::string kept = in_force_folder() + "/a.toml";
    REQUIRE(write_file(kept, "[[usb]]\nbus = 1\n[[usb]]\nbus = 1\n"));
    fakes().guest = GuestState::Missing;
    World world;
    REQUIRE(world.configuration().guests.size() == 1);
    const auto findings = check_world(world);
    CHECK(codes(findings) == "config-kept a; config-key a");
    CHECK(findings.at(0).severity == Severity::Note);
    CHECK(findings.at(0).file == file);
    CHECK(findings.at(0).advice == "they are in " + kept);
    CHECK(world.configuration().in_order().empty());
}

TEST_CASE("what a rule would take from the host is found") {
    const Machine machine;
    (void)machine.guest("a");
    const FakeFile number("/sys/" + disk.substr(5) + "/dev", "8:16\n");
    const FakeFile mounts("/proc/1/mountinfo", "36 35 8:16 / / rw - ext4 /dev/sdz rw\n");
    CHECK(codes_of_world() == "takes-in-use a");
}

TEST_CASE("the installation is looked at unless another root is set") {
    const Machine machine;
    (void)machine.guest("a");
    CHECK(codes_of_world().empty());
    unsetenv("USB_HOTPLUG_ROOT");
    fakes().units_files["usb-hotplug@dev-bus-usb-000-000.service"] = {"masked"};
    CHECK(codes_of_world().find("unit-masked") != std::string::npos);
}
