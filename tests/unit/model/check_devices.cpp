// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/check_devices: what is said of rules for what is plugged in.

#include "model/check_devices.h"

#include "model/rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

/// A device with this number of its own: at port 1-N.
PluggedDevice device(int number, Properties changes = {}) {
    const std::string text = std::to_string(number);
    changes.try_emplace("DEVPATH", "/devices/usb1/1-" + text);
    changes.try_emplace("DEVNUM", "00" + text);
    return {device_with(changes), std::nullopt, false};
}

PluggedDevice hub(int number) {
    return device(number, {{"TYPE", "9/0/1"}, {"PRODUCT", "5e3/610/9226"}});
}

PluggedDevice used(int number) {
    PluggedDevice disk = device(number);
    disk.host_use = "/dev/sda2 is mounted at /";
    return disk;
}

PluggedDevice keyboard(int number) {
    PluggedDevice board = device(number);
    board.has_keyboard = true;
    return board;
}

/// "code guest:line device" of each, separated by "; ".
std::string found(const std::vector<Guest>& guests, const Plugged& plugged) {
    std::string text;
    for (const Finding& finding : check_devices(guests, plugged)) {
        CHECK(finding.severity == Severity::Warning);
        CHECK_FALSE(finding.advice.empty());
        text += (text.empty() ? "" : "; ") + finding.code + " " + finding.guest + ":" +
                std::to_string(finding.line) + (finding.device.empty() ? "" : " " + finding.device);
    }
    return text;
}

std::string found(std::string_view content, const Plugged& plugged) {
    return found({guest("a", content)}, plugged);
}

std::string found_for_rule(std::string_view keys, const Plugged& plugged) {
    return found("[[usb]]\n" + std::string(keys) + "\n", plugged);
}

} // namespace

TEST_CASE("a rule that names hubs is found, plugged in or not") {
    for (const std::string_view keys :
         {"device = { class = \"hub\" }", "interface = { class = 9, protocol = 0 }",
          "interface = { any = [{ class = 3 }, { class = 9 }] }",
          "interface = { all = [{ class = 9 }] }", "interface = { only = [{ class = 9 }] }"}) {
        CAPTURE(keys);
        CHECK(found_for_rule(keys, {}) == "rule-hub a:1");
    }
    for (const std::string_view keys :
         {"interface = { none = [{ class = 9 }] }", "device = { subclass = 9 }",
          "interface = { class = 3, protocol = 9 }", "enabled = false\ndevice = { class = 9 }"}) {
        CAPTURE(keys);
        CHECK(found_for_rule(keys, {}).empty());
    }
    CHECK(found("[[usb]]\nall = true\n[[except]]\ndevice = { class = 9 }\n", {}).empty());
}

TEST_CASE("a rule for one device or port that is a hub's is found, and no wider one") {
    const Plugged plugged = {{hub(4), device(5)}, false};
    for (const std::string_view keys :
         {"id = \"05e3:0610\"", "port = \"1-4\"", "id = [\"046d:*\", \"05e3:0610\"]",
          "port = \"1-4\"\nbus = 1"}) {
        CAPTURE(keys);
        CHECK(found_for_rule(keys, plugged) == "rule-hub a:1 1-4");
    }
    for (const std::string_view keys :
         {"id = \"05e3:*\"", "id = \"05e3:0611\"", "port = \"1-4.*\"", "all = true", "bus = 1",
          "id = \"05e3:0610\"\nbus = 2", "id = \"046d:c52b\"", "port = \"1-5\"",
          "enabled = false\nport = \"1-4\""}) {
        CAPTURE(keys);
        CHECK(found_for_rule(keys, plugged).empty());
    }
    const auto findings = check_devices({guest("a", "[[usb]]\nport = \"1-4\"\n")}, plugged);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].advice == "for what is plugged into the hub, say port = \"1-4.*\"");
}

TEST_CASE("a rule for what the host uses is found, by the rule that decides") {
    const Plugged plugged = {{used(1), device(2)}, false};
    CHECK(found("[[usb]]\nbus = 9\n[[usb]]\nbus = 1\n", plugged) == "takes-in-use a:3 1-1");
    CHECK(found("[[usb]]\nport = \"1-2\"\n", plugged).empty());
    CHECK(found("[[usb]]\nbus = 1\n[[except]]\nport = \"1-1\"\n", plugged).empty());
    CHECK(found({guest("a", "[[usb]]\nbus = 1\n"), guest("b", "[[usb]]\nall = true\n"),
                 guest("c", "[[usb]]\nbus = 2\n")},
                plugged) == "takes-in-use a:1 1-1; takes-in-use b:1 1-1");
    const auto findings = check_devices({guest("a", "[[usb]]\nbus = 1\n")}, plugged);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].what == "[[usb]] rule asks for the device at 1-1, Logitech USB Receiver, "
                              "which the host uses: /dev/sda2 is mounted at /");
}

TEST_CASE("a rule for the host's last keyboard is found, and not while another one is left") {
    const std::string_view all = "[[usb]]\nall = true\n";
    const std::string_view first = "[[usb]]\nport = \"1-1\"\n";
    CHECK(found(all, {{keyboard(1), device(2)}, false}) == "takes-keyboard a:1 1-1");
    CHECK(found(first, {{keyboard(1), device(2)}, false}) == "takes-keyboard a:1 1-1");
    CHECK(found(first, {{keyboard(1), device(2)}, true}).empty());
    CHECK(found(first, {{keyboard(1), keyboard(2)}, false}).empty());
    CHECK(found(first, {{keyboard(2), keyboard(1)}, false}).empty());
    CHECK(found(first, {{device(1), keyboard(2)}, false}).empty());
    CHECK(found(all, {{device(1)}, false}).empty());
    CHECK(found("[[usb]]\nall = true\n[[except]]\nport = \"1-1\"\n",
                {{keyboard(1), device(2)}, false})
              .empty());
    // Each guest takes one.
    CHECK(found({guest("a", first), guest("b", "[[usb]]\nport = \"1-2\"\n")},
                {{keyboard(1), keyboard(2)}, false}) ==
          "takes-keyboard a:1 1-1; takes-keyboard b:1 1-2");
}

TEST_CASE("a rule by serial number for twins is found") {
    const Plugged twins = {{device(1), device(2), device(3, {{"ID_SERIAL_SHORT", "OTHER"}})},
                           false};
    CHECK(found_for_rule("serial = \"4C53AB\"", twins) == "serial-ambiguous a:1");
    CHECK(found_for_rule("serial = \"4C53AB\"\nport = [\"1-1\", \"1-2\"]", twins) ==
          "serial-ambiguous a:1");
    for (const std::string_view keys :
         {"serial = \"4C53AB\"\nport = \"1-1\"", "serial = \"OTHER\"", "serial = \"MISSING\"",
          "id = \"046d:c52b\"", "property = { ID_SERIAL_SHORT = \"4C53AB\" }",
          "enabled = false\nserial = \"4C53AB\""}) {
        CAPTURE(keys);
        CHECK(found_for_rule(keys, twins).empty());
    }
    CHECK(found("[[usb]]\nserial = \"4C53AB\"\n[[except]]\nport = \"1-2\"\n", twins).empty());
    // Several devices by a glob are meant; several of the same number are not.
    const Plugged series = {
        {device(1, {{"ID_SERIAL_SHORT", "X1"}}), device(2, {{"ID_SERIAL_SHORT", "X2"}})}, false};
    CHECK(found_for_rule("serial = \"X*\"", series).empty());
    const auto findings = check_devices({guest("a", "[[usb]]\nserial = \"*\"\n")}, twins);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].what ==
          "the serial number \"4C53AB\" is that of several devices, at 1-1 and 1-2");
}

TEST_CASE("hostile names and serial numbers are said harmless") {
    PluggedDevice disk = used(1);
    disk.device.vendor = "";
    disk.device.product = "a\nb\x1b[31m";
    disk.device.serial = "\xff\x1b";
    PluggedDevice twin = disk;
    twin.host_use.reset();
    const auto findings =
        check_devices({guest("a", "[[usb]]\nserial = \"*\"\n")}, {{disk, twin}, false});
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].what.find("1-1, a\\x0ab\\x1b[31m, which") != std::string::npos);
    CHECK(findings[1].what.find("\"\\xff\\x1b\" is that of") != std::string::npos);
}
