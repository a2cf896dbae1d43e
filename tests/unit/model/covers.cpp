// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/covers: what is claimed of two rules, and what looks alike and must not be.

#include "model/covers.h"

#include "model/rule_support.h"

#include <array>
#include <vector>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

struct Pair {
    std::string_view wide;
    std::string_view narrow;
};

/// Each pair holds, and not the other way round.
void check_wider(std::initializer_list<Pair> table) {
    for (const Pair& pair : table) {
        CAPTURE(pair.wide);
        CAPTURE(pair.narrow);
        CHECK(covers(rule(pair.wide), rule(pair.narrow)));
        CHECK_FALSE(covers(rule(pair.narrow), rule(pair.wide)));
    }
}

/// Neither is claimed to cover the other.
void check_apart(std::initializer_list<Pair> table) {
    for (const Pair& pair : table) {
        CAPTURE(pair.wide);
        CAPTURE(pair.narrow);
        CHECK_FALSE(covers(rule(pair.wide), rule(pair.narrow)));
        CHECK_FALSE(covers(rule(pair.narrow), rule(pair.wide)));
    }
}

/// Every kind of condition, and for most several of which some are wider than others.
constexpr std::array rules = {
    "all = true",
    "id = \"046d:c52b\"",
    "id = \"046D:C52B\"",
    "id = \"046d:*\"",
    "id = \"*:c52b\"",
    "id = [\"046d:c52b\", \"0781:*\"]",
    "port = \"1-4.2\"",
    "port = \"1-4.*\"",
    "port = \"1-4\"",
    "port = \"2-4.*\"",
    "port = \"1-4.2.*\"",
    "bus = 1",
    "bus = [1, 2]",
    "serial = \"4C53AB\"",
    "serial = \"4c53ab\"",
    "serial = \"4c53*\"",
    "serial = \"4c53??\"",
    "serial = \"*\"",
    "serial = \"[34]c53ab\"",
    "serial = { regex = '4c53..' }",
    "serial = { regex = '(?-i)4C53AB' }",
    "vendor = \"logi*\"",
    "vendor = \"Logitech\"",
    "product = \"*receiver*\"",
    "product = \"usb receiver\"",
    "product = \"USB?Receiver\"",
    "product = \"usb*receiver\"",
    "driver = \"usb*\"",
    "driver = \"usbhid\"",
    "driver = [\"usbhid\", \"uas\"]",
    "tag = \"desk\"",
    "tag = \"*\"",
    "property = { ID_PATH = \"pci-*\" }",
    "property = { ID_PATH = \"pci-0000:00:14.0-usb-0:4.2\" }",
    "property = { ID_PATH = \"pci-*\", ID_MODEL_ID = \"c52b\" }",
    "attribute = { bcdDevice = \"12*\" }",
    "attribute = { bcdDevice = \"1211\" }",
    "removable = true",
    "removable = false",
    "speed = 12",
    "speed = [\"low\", \"full\"]",
    "speed = \"super-plus\"",
    "device = { class = 239 }",
    "device = { class = 239, subclass = 2 }",
    "interface = { class = 3 }",
    "interface = { class = 3, protocol = 2 }",
    "interface = { protocol = 2 }",
    "interface = { any = [{ class = 3 }, { class = 8 }] }",
    "interface = { all = [{ class = 3 }, { class = 8 }] }",
    "interface = { all = [{ class = 3, protocol = 1 }, { class = 3, protocol = 2 }] }",
    "interface = { none = [{ class = 7 }] }",
    "interface = { none = [{ class = 7 }, { class = 14 }] }",
    "interface = { only = [{ class = 3 }, { class = 8 }] }",
    "interface = { only = [{ class = 3 }, { class = 8 }, { class = 7 }] }",
    "interface = { only = [{ class = 3 }] }",
    "id = \"046d:c52b\"\nserial = \"4C53AB\"",
    "id = \"046d:*\"\nserial = \"*\"\nbus = 1",
};

} // namespace

TEST_CASE("a rule covers itself, whatever it asks for") {
    for (const std::string_view keys : rules) {
        CAPTURE(keys);
        CHECK(covers(rule(keys), rule(keys)));
    }
}

TEST_CASE("where one rule covers another it holds for every device of the other's") {
    std::vector<Device> devices = {full_device(), device_with(),
                                   full_device({{"removable", "fixed"}, {"speed", "1.5"}})};
    devices.push_back(device_with({{"ID_SERIAL_SHORT", "4c53ab"},
                                   {"ID_VENDOR_ENC", "LOGI"},
                                   {"ID_USB_INTERFACES", ":030101:"}}));
    devices.push_back(device_with({{"ID_SERIAL_SHORT", ""}, {"ID_USB_INTERFACES", ""}}));
    devices.push_back(
        device_with({{"PRODUCT", "781/5567/100"}, {"ID_USB_INTERFACES", ":080650:"}}));
    devices.back().peer = "2-4.2";
    devices.back().drivers = {"uas"};
    int claimed = 0;
    for (const std::string_view wide : rules) {
        for (const std::string_view narrow : rules) {
            if (!covers(rule(wide), rule(narrow))) {
                continue;
            }
            ++claimed;
            for (const Device& device : devices) {
                CAPTURE(wide);
                CAPTURE(narrow);
                CHECK((!rule_holds(narrow, device) || rule_holds(wide, device)));
            }
        }
    }
    CHECK(claimed > 2 * static_cast<int>(rules.size()));
}

TEST_CASE("a rule covers another that asks for more") {
    check_wider({
        {"all = true", "bus = 1"},
        {"id = \"046d:*\"", "id = \"046d:c52b\""},
        {"id = \"*:c52b\"", "id = \"046d:c52b\""},
        {"id = [\"046d:c52b\", \"0781:5567\"]", "id = \"0781:5567\""},
        {"id = [\"046d:*\", \"0781:5567\"]", "id = [\"0781:5567\", \"046d:c52b\"]"},
        {"port = \"1-4.*\"", "port = \"1-4.2\""},
        {"port = \"1-4.*\"", "port = \"1-4.2.1\""},
        {"port = \"1-4.*\"", "port = \"1-4.2.*\""},
        {"bus = [1, 2]", "bus = 2"},
        {"id = \"046d:c52b\"", "id = \"046d:c52b\"\nserial = \"x\""},
        {"serial = \"x*\"", "bus = 1\nserial = \"xy\"\nid = \"046d:c52b\""},
        {"device = { class = 3 }", "device = { class = 3, subclass = 1 }"},
        {"speed = [\"super\", \"super-plus\"]", "speed = 10000"},
        {"speed = \"super-plus\"", "speed = 10000"},
        {"property = { A = \"1\" }", "property = { B = \"2\", A = \"1\" }"},
    });
}

TEST_CASE("what is next to another rule is not claimed to cover it") {
    check_apart({
        {"id = \"046d:c52b\"", "id = \"046d:c52c\""},
        {"id = \"046d:*\"", "id = \"*:046d\""},
        {"id = [\"046d:c52b\", \"0781:5567\"]", "id = [\"046d:c52b\", \"0781:5568\"]"},
        {"port = \"1-4.*\"", "port = \"1-4\""},    // not the hub itself
        {"port = \"1-4.*\"", "port = \"1-40.1\""}, // nor a longer number
        {"port = \"1-4.*\"", "port = \"2-4.1\""},  // perhaps the same connector, perhaps not
        {"port = \"1-4.2\"", "port = \"1-4.2.*\""},
        {"bus = 1", "port = \"1-4\""}, // its other name is on another bus
        {"id = \"046d:*\"", "property = { ID_VENDOR_ID = \"046d\" }"},
        {"id = \"046d:*\"\nbus = 1", "id = \"046d:c52b\""},
        {"device = { class = 3 }", "interface = { class = 3 }"},
        {"device = { class = 3 }", "device = { subclass = 1 }"},
        {"removable = true", "removable = false"},
        {"removable = true", "attribute = { removable = \"removable\" }"},
        {"speed = 480", "speed = \"super\""},
        {"property = { A = \"*\" }", "property = { B = \"1\" }"},
        {"property = { A = \"*\" }", "attribute = { A = \"1\" }"},
        {"vendor = \"*\"", "product = \"x\""},
        {"driver = \"uas\"", "tag = \"uas\""},
    });
}

TEST_CASE("texts are compared as far as that is certain") {
    check_wider({
        {"serial = \"*\"", "serial = \"x\""},
        {"serial = \"*\"", "serial = { regex = '.*' }"},
        {"serial = \"**\"", "serial = \"a?b[c]\""},
        {"serial = \"a*\"", "serial = \"ABC\""},
        {"serial = \"a*\"", "serial = \"ab*\""},
        {"serial = \"*b*\"", "serial = \"a?b*c\""},
        {"serial = \"a?c\"", "serial = \"abc\""},
        {"serial = \"a*\"", "serial = \"a?\""}, // and one is not none or many
        {"serial = \"*c\"", "serial = \"a?c\""},
        {"serial = [\"a*\", \"b*\"]", "serial = [\"bx\", \"ax\"]"},
        {"driver = \"usb*\"", "driver = \"usbhid\""},
    });
    check_apart({
        {"serial = \"abc\"", "serial = \"abcd\""},
        {"serial = \"a*c\"", "serial = \"a*d\""},
        {"serial = \"[ab]c\"", "serial = \"ac\""}, // brackets can depend on upper and lower case
        {"serial = \"*b]\"", "serial = \"[ab]\""}, // the text "[ab]" is not what it stands for
        {"serial = '\\*'", "serial = \"a*\""},
        {"serial = '*a'", "serial = '\\a'"},
        {"serial = { regex = 'a.*' }", "serial = \"abc\""},
        {"serial = { regex = 'a.*' }", "serial = { regex = 'ab' }"},
        {"serial = { regex = 'a' }", "serial = \"a\""},
    });
    CHECK(covers(rule("serial = \"ABC\""), rule("serial = \"abc\"")));
    CHECK(covers(rule("serial = \"[ab]*\""), rule("serial = \"[ab]*\"")));
    CHECK(covers(rule("serial = { regex = 'a.*' }"), rule("serial = { regex = 'a.*' }")));
}

TEST_CASE("interfaces are compared by what they say of a device") {
    check_wider({
        {"interface = { class = 3 }", "interface = { class = 3, protocol = 2 }"},
        {"interface = { any = [{ class = 3 }, { class = 8 }] }", "interface = { class = 8 }"},
        {"interface = { class = 3 }", "interface = { all = [{ class = 3 }, { class = 8 }] }"},
        {"interface = { class = 3 }", "interface = { only = [{ class = 3, protocol = 1 }] }"},
        {"interface = { all = [{ class = 3 }] }",
         "interface = { all = [{ class = 8 }, { class = 3 }] }"},
        {"interface = { all = [{ class = 3 }, { protocol = 1 }] }",
         "interface = { class = 3, protocol = 1 }"},
        {"interface = { none = [{ class = 3, protocol = 1 }] }",
         "interface = { none = [{ class = 3 }, { class = 8 }] }"},
        {"interface = { only = [{ class = 3 }, { class = 8 }] }",
         "interface = { only = [{ class = 8 }] }"},
    });
    check_apart({
        {"interface = { class = 3, subclass = 1 }", "interface = { class = 3, protocol = 1 }"},
        {"interface = { any = [{ class = 3 }, { class = 7 }] }",
         "interface = { any = [{ class = 3 }, { class = 8 }] }"},
        // One interface of each is not one that is both.
        {"interface = { class = 3, protocol = 1 }",
         "interface = { all = [{ class = 3 }, { protocol = 1 }, { class = 8 }] }"},
        {"interface = { all = [{ class = 3 }, { class = 8 }] }",
         "interface = { only = [{ class = 3 }, { class = 8 }] }"},
        {"interface = { none = [{ class = 3 }] }", "interface = { only = [{ class = 8 }] }"},
        {"interface = { none = [{ class = 3 }] }", "interface = { class = 8 }"},
        {"interface = { none = [{ class = 3 }] }", "interface = { class = 3 }"},
        {"interface = { only = [{ class = 3 }] }",
         "interface = { all = [{ class = 3 }, { class = 8 }] }"},
    });
    // What asks for the one covers what asks for it and rules out another.
    CHECK(covers(rule("interface = { class = 1 }"),
                 rule("interface = { all = [{ class = 1 }], none = [{ class = 14 }] }")));
    CHECK_FALSE(covers(rule("interface = { all = [{ class = 1 }], none = [{ class = 14 }] }"),
                       rule("interface = { class = 1 }")));
}

TEST_CASE("only what is all covers what is all") {
    CHECK(covers(rule("all = true"), rule("all = true")));
    CHECK_FALSE(covers(rule("interface = { none = [{ class = 9 }] }"), rule("all = true")));
    CHECK_FALSE(covers(Rule{}, rule("bus = 1")));
    CHECK_FALSE(covers(rule("bus = 1"), Rule{}));
}
