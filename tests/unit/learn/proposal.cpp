// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of learn/proposal: which rule is made for which device, and that it fits.

#include "learn/proposal.h"

#include "learn/escapes.h"
#include "model/rule_support.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string devices_path = "/devices/pci0000:00/0000:00:14.0/usb1/";

Device at(const std::string& port, const Properties& changes = {}) {
    Properties all = changes;
    all.emplace("DEVPATH", devices_path + port);
    return device_with(all);
}

std::string rule_of(const Device& device, const std::vector<Device>& plugged = {},
                    std::optional<RuleBy> by = std::nullopt) {
    const auto text = propose_rule(device, plugged, by);
    return text ? *text : "error: " + text.error().message;
}

/// Reads the rule back: it must be in order, be one rule, and hold for the device.
void check_fits(const Device& device, const std::string& text) {
    CAPTURE(text);
    const Guest read = guest("win10", text);
    REQUIRE(read.usb.size() == 1);
    CHECK(read.except.empty());
    const RuleTrace trace = try_rule(read.usb[0], device);
    CHECK(trace.holds);
}

} // namespace

TEST_CASE("by serial number, if that is good") {
    const Device device = at("1-4", {{"ID_SERIAL_SHORT", "4C530001230415112345"}});
    const Device other = at("1-5", {{"ID_SERIAL_SHORT", "4C530001230415112346"}});
    const std::string text = rule_of(device, {device, other});
    CHECK(text == "# By id and serial number: this device, at any port.\n[[usb]]\n"
                  "description = \"Logitech USB Receiver\"\nid = \"046d:c52b\"\n"
                  "serial = \"4C530001230415112345\"\n");
    check_fits(device, text);
    const Guest read = guest("win10", text);
    CHECK_FALSE(try_rule(read.usb[0], other).holds);
}

TEST_CASE("by id without a good serial number") {
    const Device none = at("1-4", {{"ID_SERIAL_SHORT", ""}});
    CHECK(rule_of(none, {none}) ==
          "# By id, as it has no serial number.\n# Any other device with this id fits, too.\n"
          "[[usb]]\ndescription = \"Logitech USB Receiver\"\nid = \"046d:c52b\"\n");
    const Device placeholder = at("1-4", {{"ID_SERIAL_SHORT", "0001"}});
    CHECK(rule_of(placeholder, {placeholder}) ==
          "# By id, as its serial number is too short to be its own.\n# Any other device with this "
          "id fits, too.\n[[usb]]\ndescription = \"Logitech USB Receiver\"\nid = \"046d:c52b\"\n");
}

TEST_CASE("by port beside a twin") {
    const Device device = at("1-4", {{"ID_SERIAL_SHORT", ""}});
    const Device twin = at("1-5", {{"ID_SERIAL_SHORT", ""}});
    const std::string text = rule_of(device, {device, twin});
    CHECK(text == "# By id and port, as it has no serial number\n# and the device at port 1-5 has "
                  "the same id. It must be plugged in here.\n[[usb]]\n"
                  "description = \"Logitech USB Receiver\"\nid = \"046d:c52b\"\nport = \"1-4\"\n");
    check_fits(device, text);
    const Guest read = guest("win10", text);
    CHECK_FALSE(try_rule(read.usb[0], twin).holds);
}

TEST_CASE("a serial number that a twin has, too, is none") {
    const Device device = at("1-4", {{"ID_SERIAL_SHORT", "A1B2C3D4E5"}});
    const Device twin = at("1-5", {{"ID_SERIAL_SHORT", "a1b2c3d4e5"}});
    CHECK(
        rule_of(device, {device, twin})
            .starts_with("# By id and port, as the device at port 1-5 has the same serial number\n"
                         "# and the device at port 1-5 has the same id."));
    // The same serial number on a device of another kind says nothing.
    const Device other = at("1-5", {{"ID_SERIAL_SHORT", "A1B2C3D4E5"}, {"PRODUCT", "46d/c077/1"}});
    CHECK(rule_of(device, {device, other}).starts_with("# By id and serial number: this device"));
}

TEST_CASE("as it is asked for") {
    const Device device = at("1-4", {{"ID_SERIAL_SHORT", "0001"}});
    const Device twin = at("1-5", {{"ID_SERIAL_SHORT", "0002"}});
    CHECK(rule_of(device, {device}, RuleBy::Port) ==
          "# By port: whatever is plugged in here.\n[[usb]]\n"
          "description = \"Logitech USB Receiver\"\nport = \"1-4\"\n");
    CHECK(rule_of(device, {device}, RuleBy::Id).starts_with("# By id: any device with this id.\n"));
    CHECK(rule_of(device, {device, twin}, RuleBy::Id)
              .starts_with("# By id: any device with this id; that at port 1-5 has it, too.\n"));
    CHECK(rule_of(device, {device}, RuleBy::Serial) ==
          "# By id and serial number, but note that\n# its serial number is too short to be its "
          "own.\n[[usb]]\ndescription = \"Logitech USB Receiver\"\nid = \"046d:c52b\"\n"
          "serial = \"0001\"\n");
    for (const RuleBy by : {RuleBy::Port, RuleBy::Id, RuleBy::Serial}) {
        check_fits(device, rule_of(device, {device, twin}, by));
    }
}

TEST_CASE("what cannot be done is said") {
    const Device none = at("1-4", {{"ID_SERIAL_SHORT", ""}});
    CHECK(rule_of(none, {}, RuleBy::Serial) ==
          "error: the device at port 1-4 has no serial number; "
          "use --by id or --by port");
    CHECK(rule_of(at("1-4", {{"TYPE", "9/0/2"}})) ==
          "error: the device at port 1-4 is a hub, and hubs stay with the host; a rule with port = "
          "\"1-4.*\" is about what is behind it");
}

TEST_CASE("hostile strings stay strings, and the rule fits") {
    const std::string evils[] = {std::string("a\0b12345", 8),
                                 std::string("\0", 1),
                                 "\"\n[[usb]]\nall = true\n#",
                                 "'''\\",
                                 "\x1b[31m*?[x]",
                                 "\xff\xfe\x80",
                                 "*",
                                 "\xe2\x80\xae"
                                 "abc",
                                 std::string(5000, 'x')};
    for (const std::string& evil : evils) {
        CAPTURE(evil);
        Device device = at("1-4");
        device.vendor = evil;
        device.product = evil;
        device.serial = evil;
        for (const auto by : {std::optional<RuleBy>(), std::optional(RuleBy::Serial),
                              std::optional(RuleBy::Id), std::optional(RuleBy::Port)}) {
            const std::string text = rule_of(device, {device}, by);
            check_fits(device, text);
            for (std::size_t end = text.find('\n'), from = 0; end != std::string::npos;
                 from = end + 1, end = text.find('\n', from)) {
                CHECK(is_plain_text(text.substr(from, end - from)));
            }
        }
        Device other = device;
        other.serial = "x" + evil;
        const Guest read = guest("win10", rule_of(device, {device}, RuleBy::Serial));
        CHECK_FALSE(try_rule(read.usb[0], other).holds);
    }
}

TEST_CASE("a long name is cut between characters, a missing one left out") {
    Device device = at("1-4");
    device.vendor = "";
    device.product = std::string(59, 'x') + "\xc3\xbc\xc3\xbc";
    CHECK(rule_of(device).find("description = \"" + std::string(59, 'x') + "...\"\n") !=
          std::string::npos);
    device.product = "";
    CHECK(rule_of(device).find("description") == std::string::npos);
}

TEST_CASE("serial numbers that makers put into every device") {
    for (const char* bad : {"0",
                            "1",
                            "0001",
                            "00000000000001",
                            "0000000000",
                            "ffffffff",
                            "123456789",
                            "1234567890",
                            "12345678",
                            "0123456789ABCDEF",
                            "0123456789",
                            "ABCDEF",
                            "abcdefgh",
                            "987654321",
                            "Serial",
                            "SerialNumber",
                            "serial-0815",
                            "default string",
                            "To be filled by O.E.M.",
                            "----",
                            " ",
                            "A\xff"
                            "BCDEFGHI",
                            "a\nb12345",
                            "00:00:00:00:00:00",
                            "4C53"}) {
        CAPTURE(bad);
        CHECK(serial_doubt(bad));
    }
    for (const char* good : {"4C530001230415112345", "WD-WX91A848D75S", "A1B2C3D4", "20220119001",
                             "00E04C680001", "5&1d6b&0", "AF3K9"}) {
        CAPTURE(good);
        CHECK_FALSE(serial_doubt(good));
    }
}

TEST_CASE("what a rule can go by") {
    CHECK(rule_by("port") == RuleBy::Port);
    CHECK(rule_by("id") == RuleBy::Id);
    CHECK(rule_by("serial") == RuleBy::Serial);
    CHECK(rule_by("") == std::nullopt);
    CHECK(rule_by("Port") == std::nullopt);
}
