// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/match: how each rule key holds and fails, and who gets a device.

#include "model/match.h"

#include "model/rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

/// Who wants the device, in order: "work win10".
std::string wanting(const Decision& decision) {
    std::string names;
    for (const Verdict& verdict : decision.verdicts) {
        if (verdict.wanted()) {
            names += (names.empty() ? "" : " ") + verdict.guest->name;
        }
    }
    return names;
}

std::string wanting(const std::vector<Guest>& guests, const Device& device,
                    const std::optional<std::string>& by_hand = std::nullopt) {
    return wanting(decide(device, guests, by_hand));
}

/// A rule that fails, the condition that fails and what the device has there.
struct Failing {
    std::string keys;
    std::string key;
    std::string actual;
};

void check_holding(const std::vector<std::string>& table, const Device& device) {
    for (const std::string& keys : table) {
        CAPTURE(keys);
        const Rule wanted = rule(keys);
        const RuleTrace trace = try_rule(wanted, device);
        CHECK(trace.rule == &wanted);
        CHECK(trace.holds);
        CHECK(trace.failed == nullptr);
        CHECK(trace.actual.empty());
    }
}

void check_failing(const std::vector<Failing>& table, const Device& device) {
    for (const Failing& failing : table) {
        CAPTURE(failing.keys);
        const Rule wanted = rule(failing.keys);
        const RuleTrace trace = try_rule(wanted, device);
        CHECK_FALSE(trace.holds);
        REQUIRE(trace.failed != nullptr);
        CHECK(trace.failed->key == failing.key);
        CHECK(trace.actual == failing.actual);
    }
}

} // namespace

TEST_CASE("each rule key holds for a device that has it") {
    check_holding(
        {
            "id = \"046d:c52b\"",
            "id = \"046D:C52B\"",
            "id = \"046d:*\"",
            "id = \"*:c52b\"",
            "port = \"1-4.2\"",
            "port = \"1-4.*\"",
            "bus = 1",
            "vendor = \"logitech\"",
            "product = \"*receiver\"",
            "serial = \"4c53??\"",
            "interface = { class = 3 }",
            "interface = { protocol = 2 }",
            "interface = { class = 3, subclass = 1, protocol = 2 }",
            "interface = { subclass = 0, protocol = 0 }",
            "device = { class = 0 }",
            "device = { class = 0, subclass = 0, protocol = 0 }",
            "property = { ID_PATH = \"pci-0000:00:14.0-*\" }",
            "property = { ID_PATH = \"*\", DEVNUM = \"005\" }",
            "attribute = { bcdDevice = \"12*\" }",
            "all = true",
        },
        device_with());
}

TEST_CASE("each rule key fails for a device that has something else, and shows what") {
    check_failing(
        {
            {"id = \"046d:c52c\"", "id", "046d:c52b"},
            {"id = \"046e:c52b\"", "id", "046d:c52b"},
            {"id = \"*:046d\"", "id", "046d:c52b"},
            {"port = \"1-4\"", "port", "1-4.2"},
            {"port = \"1-4.2.*\"", "port", "1-4.2"},
            {"port = \"1-4.2.1\"", "port", "1-4.2"},
            {"port = \"2-4.*\"", "port", "1-4.2"},
            {"bus = 2", "bus", "1"},
            {"vendor = \"logi\"", "vendor", "Logitech"},
            {"product = \"receiver\"", "product", "USB Receiver"},
            {"serial = \"4C53\"", "serial", "4C53AB"},
            {"interface = { class = 8 }", "interface", "3/1/1, 3/1/2, 3/0/0"},
            {"interface = { subclass = 0, protocol = 2 }", "interface", "3/1/1, 3/1/2, 3/0/0"},
            {"device = { class = 3 }", "device", "0/0/0"},
            {"device = { class = 0, protocol = 1 }", "device", "0/0/0"},
            {"property = { ID_PATH = \"pci\" }", "property.ID_PATH", "pci-0000:00:14.0-usb-0:4.2"},
            {"attribute = { bcdDevice = \"0100\" }", "attribute.bcdDevice", "1211"},
        },
        device_with());
}

TEST_CASE("everything behind a hub is not the hub, nor a port that only begins like it") {
    const auto at = [](const std::string& port) {
        return device_with({{"DEVPATH", "/devices/x/usb1/" + port}});
    };
    const Rule behind = rule("port = \"1-4.*\"");
    CHECK(try_rule(behind, at("1-4.1")).holds);
    CHECK(try_rule(behind, at("1-4.1.3")).holds);
    CHECK_FALSE(try_rule(behind, at("1-4")).holds);
    CHECK_FALSE(try_rule(behind, at("1-40")).holds);
    CHECK_FALSE(try_rule(behind, at("1-40.1")).holds);
    CHECK_FALSE(try_rule(behind, at("11-4.1")).holds);
    CHECK_FALSE(try_rule(rule("port = \"1-1\""), at("1-11")).holds);
}

TEST_CASE("what a device does not have fits no pattern, not even a star") {
    const Device bare = device_with({{"ID_VENDOR_ENC", ""},
                                     {"ID_VENDOR_FROM_DATABASE", ""},
                                     {"ID_MODEL_ENC", ""},
                                     {"ID_MODEL_FROM_DATABASE", ""},
                                     {"ID_SERIAL_SHORT", ""},
                                     {"ID_USB_INTERFACES", ""}});
    check_failing(
        {
            {"vendor = \"*\"", "vendor", ""},
            {"product = \"*\"", "product", ""},
            {"serial = \"*\"", "serial", ""},
            {"interface = { class = 3 }", "interface", ""},
            {"property = { ID_NOTHING = \"*\" }", "property.ID_NOTHING", ""},
            {"attribute = { nothing = \"*\" }", "attribute.nothing", ""},
            {"attribute = { quirk = \"*\" }", "attribute.quirk", ""},
        },
        bare);
    Device without_attributes = device_with();
    without_attributes.attribute = {};
    check_failing({{"attribute = { bcdDevice = \"*\" }", "attribute.bcdDevice", ""}},
                  without_attributes);
}

TEST_CASE("all conditions of a rule must hold, and the first that does not is named") {
    check_holding({"id = \"046d:c52b\"\nport = \"1-4.2\"\nserial = \"4C53AB\"\n"
                   "interface = { class = 3 }\nattribute = { bcdDevice = \"1211\" }"},
                  device_with());
    check_failing(
        {
            {"id = \"046d:c52b\"\nport = \"1-5\"", "port", "1-4.2"},
            {"id = \"ffff:c52b\"\nport = \"1-4.2\"", "id", "046d:c52b"},
            {"attribute = { bcdDevice = \"x\" }\nserial = \"x\"\nid = \"046d:c52b\"", "serial",
             "4C53AB"},
            {"property = { ID_PATH = \"*\", DEVNUM = \"x\" }", "property.DEVNUM", "005"},
        },
        device_with());
}

TEST_CASE("the three parts of a class must hold for one and the same interface") {
    const Device combined = device_with({{"ID_USB_INTERFACES", ":080650:030102:"}});
    CHECK(try_rule(rule("interface = { class = 8, subclass = 6 }"), combined).holds);
    CHECK_FALSE(try_rule(rule("interface = { class = 8, subclass = 1 }"), combined).holds);
    CHECK_FALSE(try_rule(rule("interface = { class = 3, protocol = 80 }"), combined).holds);
}

TEST_CASE("an attribute is read only when the conditions before it hold") {
    int reads = 0;
    Device device = device_with();
    device.attribute = [&](const std::string&) -> std::optional<std::string> {
        ++reads;
        return "1211";
    };
    const Rule wanted = rule("id = \"ffff:ffff\"\nattribute = { bcdDevice = \"1211\" }");
    CHECK_FALSE(try_rule(wanted, device).holds);
    CHECK(reads == 0);
    CHECK(try_rule(rule("id = \"046d:*\"\nattribute = { bcdDevice = \"1211\" }"), device).holds);
    CHECK(reads == 1);
}

TEST_CASE("a hostile name is matched as text, and shown as the device has it") {
    const Device device = device_with({{"ID_MODEL_ENC", "*\\x0a\\x1b[31m"}});
    CHECK(try_rule(rule("product = '\\**'"), device).holds);
    CHECK_FALSE(try_rule(rule("product = '\\*'"), device).holds);
    CHECK(try_rule(rule("product = \"x\""), device).actual == "*\n\x1b[31m");
}

TEST_CASE("a rule that is switched off never holds") {
    const Rule off = rule("enabled = false\nid = \"046d:c52b\"");
    const RuleTrace trace = try_rule(off, device_with());
    CHECK_FALSE(trace.holds);
    CHECK(trace.failed == nullptr);
    const std::vector<Guest> guests = {guest("win10", "[[usb]]\nenabled = false\nall = true\n")};
    CHECK(wanting(guests, device_with()).empty());
}

TEST_CASE("any one rule is enough, and the first that holds is the reason") {
    const std::vector<Guest> guests = {guest("win10",
                                             "[[usb]]\nbus = 2\n[[usb]]\nenabled = false\nbus = 1\n"
                                             "[[usb]]\nbus = 1\n[[usb]]\nall = true\n")};
    const Decision decision = decide(device_with(), guests);
    CHECK(decision.wanted());
    CHECK_FALSE(decision.is_hub);
    REQUIRE(decision.verdicts.size() == 1);
    CHECK(decision.verdicts[0].wish == Wish::Wanted);
    CHECK(decision.verdicts[0].guest == &guests[0]);
    CHECK(decision.verdicts[0].by == &guests[0].usb[2]);
}

TEST_CASE("an exception wins over every rule, unless it is switched off") {
    const std::vector<Guest> guests = {
        guest("all", "[[usb]]\nall = true\n"),
        guest("but", "[[usb]]\nall = true\n[[except]]\nbus = 9\n[[except]]\nid = \"046d:*\"\n"),
        guest("off", "[[usb]]\nall = true\n[[except]]\nenabled = false\nall = true\n"),
        guest("only", "[[except]]\nall = true\n"),
        guest("two", "[[usb]]\nall = true\n[[except]]\nbus = 1\nport = \"1-5\"\n"),
    };
    const Decision decision = decide(device_with(), guests);
    CHECK(wanting(decision) == "all off two");
    REQUIRE(decision.verdicts.size() == 5);
    CHECK(decision.verdicts[1].wish == Wish::Excepted);
    CHECK(decision.verdicts[1].by == &guests[1].except[1]);
    CHECK(decision.verdicts[3].wish == Wish::NoRule);
    CHECK(decision.verdicts[3].by == nullptr);
}

TEST_CASE("nobody wants a device without guests or rules") {
    CHECK_FALSE(decide(device_with(), {}).wanted());
    const std::vector<Guest> guests = {guest("win10", "")};
    const Decision decision = decide(device_with(), guests);
    CHECK_FALSE(decision.wanted());
    REQUIRE(decision.verdicts.size() == 1);
    CHECK(decision.verdicts[0].wish == Wish::NoRule);
}

TEST_CASE("a higher priority comes first, then the name") {
    const auto with = [](const std::string& name, int priority) {
        return guest(name,
                     "[guest]\npriority = " + std::to_string(priority) + "\n[[usb]]\nall = true\n");
    };
    const std::vector<Guest> guests = {with("c", 0),  with("b", 10), with("a", 0),
                                       with("z", 10), with("d", -1), with("e", 1000000)};
    CHECK(wanting(guests, device_with()) == "e b z a c d");
}

TEST_CASE("what was given by hand overrides rules, exceptions and priority") {
    const std::vector<Guest> guests = {
        guest("first", "[guest]\npriority = 10\n[[usb]]\nall = true\n"),
        guest("second", "[[usb]]\nall = true\n[[except]]\nall = true\n"),
        guest("third", ""),
    };
    CHECK(wanting(guests, device_with()) == "first");
    for (const std::string name : {"first", "second", "third"}) {
        CAPTURE(name);
        const Decision decision = decide(device_with(), guests, name);
        CHECK(wanting(decision) == name);
        for (const Verdict& verdict : decision.verdicts) {
            CHECK(verdict.wish == (verdict.guest->name == name ? Wish::ByHand : Wish::Yields));
            CHECK(verdict.by == nullptr);
        }
    }
    CHECK(wanting(guests, device_with(), "gone").empty());
}

TEST_CASE("a hub is never handed over, not even by hand") {
    const std::vector<Guest> guests = {guest("win10", "[[usb]]\nall = true\n")};
    const Device hub = device_with({{"TYPE", "9/0/1"}});
    const Device root = device_with({{"DEVPATH", "/devices/pci0000:00/usb1"}});
    for (const Device* device : {&hub, &root}) {
        for (const auto& by_hand :
             {std::optional<std::string>(), std::optional<std::string>("win10")}) {
            const Decision decision = decide(*device, guests, by_hand);
            CHECK(decision.is_hub);
            CHECK(decision.verdicts.empty());
            CHECK_FALSE(decision.wanted());
        }
    }
}
