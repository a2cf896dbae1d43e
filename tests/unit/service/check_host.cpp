// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/check_host: what is in the way of devices is found out.

#include "service/check_host.h"

#include "service/check.h"
#include "service/machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

std::string codes(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        CHECK_FALSE(finding.what.empty());
        CHECK_FALSE(finding.advice.empty());
        text += (text.empty() ? "" : " ") + std::string(severity_text(finding.severity)) + ":" +
                finding.code;
    }
    return text;
}

Guest guest_at(const std::string& target) {
    Guest guest;
    guest.name = "win10";
    guest.address = {BackendKind::Libvirt, target, "win\x1b"};
    return guest;
}

std::string others() {
    World world;
    return codes(check_others(world.systemd()));
}

} // namespace

TEST_CASE("a guest needs a USB 3 controller, and free ports for more devices") {
    const Guest guest = guest_at("qemu:///system");
    CHECK(codes(check_ports(guest, {4, 3, true})).empty());
    CHECK(codes(check_ports(guest, {4, 4, true})) == "note:guest-ports-full");
    CHECK(codes(check_ports(guest, {6, 0, false})) == "warning:guest-no-usb3");
    CHECK(codes(check_ports(guest, {0, 0, false})) == "warning:guest-no-usb3");
    const auto findings = check_ports(guest, {4, 4, true});
    CHECK(findings.front().guest == "win10");
    CHECK(findings.front().what == "all 4 USB ports of domain 'win\\x1b' are taken");
}

TEST_CASE("of what is not QEMU nothing is said") {
    CHECK(check_ports(guest_at("xen:///system"), {0, 0, false}).empty());
}

TEST_CASE("the ports are looked at with the guests, as far as there are any") {
    const Machine machine;
    (void)machine.guest("win10");
    fakes().ports = GuestPorts{4, 4, true};
    World world;
    CHECK(codes(check_guests(world)) == "note:guest-ports-full");
    fakes().ports = std::nullopt;
    CHECK(codes(check_guests(world)).empty());
    fakes().ports = GuestPorts{2, 0, false};
    fakes().guest = GuestState::Missing;
    CHECK(codes(check_guests(world)) == "warning:guest-missing");
}

TEST_CASE("services that do something with devices are noted while they run") {
    const Machine machine;
    CHECK(others().empty());
    fakes().units_active["usbguard.service"] = "inactive";
    fakes().units_active["usbguard-dbus.service"] = "active";
    CHECK(others().empty());
    fakes().units_active["usbguard.service"] = "active";
    fakes().units_active["usbmuxd.service"] = "active";
    fakes().units_active["brltty@-devices-1.service"] = "active";
    CHECK(others() == "note:usbguard-active note:usbmuxd-active note:brltty-active");
    fakes().bus_answers = false;
    CHECK(others().empty());
}
