// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What each rule key means, and how it explains itself.

#include "model/class_names.h"
#include "model/rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

Device at(const std::string& port, const std::string& peer) {
    Device device = device_with();
    device.port = port;
    device.peer = peer;
    return device;
}

} // namespace

TEST_CASE("a list of values is fulfilled by any of them") {
    check_rules(full_device(), {
                                   {"id = [\"05c6:1000\", \"046d:*\"]", true},
                                   {"id = [\"05c6:1000\", \"*:c52b\"]", true},
                                   {"id = [\"05c6:1000\", \"12d1:*\"]", false},
                                   {"id = [\"046D:C52B\"]", true},
                                   {"port = [\"2-1\", \"1-4.*\"]", true},
                                   {"port = [\"2-1\", \"1-4.3\"]", false},
                                   {"bus = [2, 1]", true},
                                   {"bus = [2, 3]", false},
                                   {"serial = [\"A*\", \"4c*\"]", true},
                                   {"vendor = [\"acme\", \"logi*\"]", true},
                                   {"product = [\"*keyboard*\", \"*mouse*\"]", false},
                                   {"speed = [\"low\", \"full\"]", true},
                                   {"driver = [\"uas\", \"usb-storage\"]", true},
                                   {"tag = [\"door\", \"desk\"]", true},
                                   {"property = { ID_PATH = [\"x\", \"pci-*\"] }", true},
                                   {"attribute = { speed = [\"480\", \"12\"] }", true},
                               });
}

TEST_CASE("all conditions of a rule must hold") {
    check_rules(full_device(), {
                                   {"id = \"046d:*\"\nspeed = \"full\"\nremovable = true", true},
                                   {"id = \"046d:*\"\nspeed = \"high\"\nremovable = true", false},
                                   {"tag = \"desk\"\ndriver = \"usbhid\"\nbus = 2", false},
                               });
}

TEST_CASE("classes are numbers or names") {
    check_rules(
        full_device(),
        {
            {"interface = { class = 3 }", true},
            {"interface = { class = \"hid\" }", true},
            {"interface = { class = \"hid\", protocol = \"mouse\" }", true},
            {"interface = { class = \"hid\", subclass = \"boot\", protocol = 2 }", true},
            {"interface = { class = \"hid\", subclass = 0, protocol = 2 }", false},
            {"interface = { class = \"mass-storage\", subclass = \"scsi\" }", true},
            {"interface = { class = \"mass-storage\", protocol = \"bulk-only\" }", true},
            {"interface = { class = \"mass-storage\", protocol = \"uas\" }", false},
            {"interface = { class = 8, protocol = \"bulk-only\" }", true},
            {"interface = { class = \"video\" }", false},
            {"interface = { protocol = 2 }", true},
            {"device = { class = \"miscellaneous\" }", true},
            {"device = { class = 0xef, subclass = 2, protocol = \"interface-association\" }", true},
            {"device = { class = \"per-interface\" }", false},
            {"device = { class = \"vendor-specific\" }", false},
        });
}

TEST_CASE("no name of a class means two numbers") {
    for (int base = 0; base < 256; ++base) {
        const ClassContext context{static_cast<std::uint8_t>(base), std::nullopt};
        for (const ClassPart part : {ClassPart::Class, ClassPart::Subclass, ClassPart::Protocol}) {
            auto names = class_names(part, context);
            std::sort(names.begin(), names.end());
            CAPTURE(base);
            CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
        }
    }
    CHECK(class_number(ClassPart::Class, {}, "vendor-specific") == 0xff);
    CHECK(class_number(ClassPart::Class, {}, "printer") == 7);
    CHECK(class_number(ClassPart::Class, {}, "audio") == 1);
    CHECK_FALSE(class_number(ClassPart::Protocol, {}, "mouse").has_value());
}

TEST_CASE("interfaces: any, all, none and only") {
    check_rules(
        full_device(),
        {
            {"interface = { any = [{ class = \"video\" }, { class = \"hid\" }] }", true},
            {"interface = { any = [{ class = \"video\" }, { class = \"audio\" }] }", false},
            {"interface = { any = { class = \"hid\" } }", true},
            {"interface = { all = [{ class = \"hid\" }, { class = \"mass-storage\" }] }", true},
            {"interface = { all = [{ class = \"hid\" }, { class = \"audio\" }] }", false},
            // Each must be there, but one interface can be two of them.
            {"interface = { all = [{ class = 3 }, { protocol = 2 }] }", true},
            {"interface = { none = [{ class = \"video\" }, { class = \"audio\" }] }", true},
            {"interface = { none = [{ class = \"video\" }, { class = \"hid\" }] }", false},
            {"interface = { only = [{ class = \"hid\" }, { class = \"mass-storage\" }] }", true},
            {"interface = { only = [{ class = \"mass-storage\" }] }", false},
            {"interface = { all = [{ class = 8 }], none = [{ class = 3 }] }", false},
            {"interface = { all = [{ class = 8 }], none = [{ class = 14 }] }", true},
            {"interface = { all = [{ class = 8 }, { class = 3 }], only = [{ class = 8 },\n"
             "  { class = 3 }] }",
             true},
        });
}

TEST_CASE("a device without interfaces has none, and not only some") {
    Device device = full_device();
    device.interfaces.clear();
    check_rules(device, {
                            {"interface = { class = \"hid\" }", false},
                            {"interface = { all = [{ class = \"hid\" }] }", false},
                            {"interface = { none = [{ class = \"hid\" }] }", true},
                            {"interface = { only = [{ class = \"hid\" }] }", false},
                        });
}

TEST_CASE("removable is what the kernel knows, and unknown is neither") {
    check_rules(full_device({{"removable", "removable"}}),
                {{"removable = true", true}, {"removable = false", false}});
    check_rules(full_device({{"removable", "fixed"}}),
                {{"removable = true", false}, {"removable = false", true}});
    check_rules(full_device({{"removable", "unknown"}}),
                {{"removable = true", false}, {"removable = false", false}});
    check_rules(full_device({{"removable", ""}}),
                {{"removable = true", false}, {"removable = false", false}});
}

TEST_CASE("a speed has a number and a name") {
    struct Case {
        const char* kernel;
        const char* rule;
        bool holds;
    };
    for (const Case& c : {
             Case{"1.5", "speed = 1.5", true},
             {"1.5", "speed = \"low\"", true},
             {"15", "speed = 1.5", false},
             {"12", "speed = 12", true},
             {"12", "speed = \"full\"", true},
             {"480", "speed = 480", true},
             {"480", "speed = 480.0", true},
             {"480", "speed = \"high\"", true},
             {"5000", "speed = 5000", true},
             {"5000", "speed = \"super\"", true},
             {"5000", "speed = \"super-plus\"", false},
             {"10000", "speed = \"super\"", false},
             {"10000", "speed = \"super-plus\"", true},
             {"20000", "speed = \"super-plus\"", true},
             {"20000", "speed = 20000", true},
             {"20000", "speed = 10000", false},
             {"unknown", "speed = \"low\"", false},
             {"", "speed = \"low\"", false},
             {"12.", "speed = \"full\"", false},
             {"-12", "speed = \"full\"", false},
             {"99999999999999999999", "speed = 20000", false},
         }) {
        CAPTURE(c.kernel);
        CAPTURE(c.rule);
        CHECK(rule_holds(c.rule, full_device({{"speed", c.kernel}})) == c.holds);
    }
}

TEST_CASE("drivers and tags are several texts") {
    check_rules(full_device(), {
                                   {"driver = \"usbhid\"", true},
                                   {"driver = \"usb-*\"", true},
                                   {"driver = \"USB-STORAGE\"", true},
                                   {"driver = \"usb\"", false},
                                   {"driver = \"*\"", true},
                                   {"tag = \"systemd\"", true},
                                   {"tag = \"desk\"", true},
                                   {"tag = \"des\"", false},
                                   {"tag = \":systemd:desk:\"", false},
                               });
    Device bare = full_device();
    bare.drivers.clear();
    bare.properties.erase("TAGS");
    check_rules(bare, {{"driver = \"*\"", false}, {"tag = \"desk\"", false}});
    check_rules(bare, {{"tag = \"systemd\"", true}});
    bare.properties.erase("CURRENT_TAGS");
    check_rules(bare, {{"tag = \"*\"", false}});
}

TEST_CASE("each key explains what it wants and what there is") {
    struct Case {
        const char* rule;
        const char* why;
    };
    for (const Case& c : {
             Case{"id = [\"05c6:1000\", \"12d1:*\"]",
                  "id is 046d:c52b and not 05c6:1000 or 12d1:*"},
             {"port = [\"1-4\", \"2-4.*\"]", "port is 1-4.2 and not 1-4 or 2-4.*"},
             {"bus = [2, 3]", "bus is 1 and not 2 or 3"},
             {"serial = \"A*\"", "serial is 4C53AB and not A*"},
             {"vendor = { regex = \"a+\" }", "vendor is Logitech and not regex a+"},
             {"product = [\"a\", { regex = \"b\" }]",
              "product is USB Receiver and not a or regex b"},
             {"interface = { class = \"video\" }",
              "interface is 3/1/1, 3/1/2, 8/6/80 and not class video (14)"},
             {"interface = { class = 3, protocol = 4 }",
              "interface is 3/1/1, 3/1/2, 8/6/80 and not class 3, protocol 4"},
             {"interface = { none = [{ class = \"hid\", protocol = \"mouse\" }, { class = 7 }] }",
              "interface is 3/1/1, 3/1/2, 8/6/80 and not none of {class hid (3), protocol mouse "
              "(2)}, {class 7}"},
             {"interface = { all = [{ class = 3 }], only = [{ class = 3 }] }",
              "interface is 3/1/1, 3/1/2, 8/6/80 and not only of {class 3}"},
             {"device = { class = \"hub\" }", "device is 239/2/1 and not class hub (9)"},
             {"property = { ID_PATH = \"x\" }",
              "property.ID_PATH is pci-0000:00:14.0-usb-0:4.2 and not x"},
             {"attribute = { quirks = [\"a\", \"b\"] }", "attribute.quirks is  and not a or b"},
             {"removable = false", "removable is removable and not fixed"},
             {"speed = [1.5, \"super-plus\"]", "speed is 12 and not 1.5 or super-plus"},
             {"driver = \"uas\"", "driver is usbhid, usb-storage and not uas"},
             {"tag = \"door\"", "tag is systemd, desk and not door"},
         }) {
        CAPTURE(c.rule);
        CHECK(why_not(c.rule, full_device()) == c.why);
    }
}

TEST_CASE("a rule about either port of a connector holds") {
    check_rules(at("1-4", "2-3"), {
                                      {"port = \"1-4\"", true},
                                      {"port = \"2-3\"", true},
                                      {"port = \"1-3\"", false},
                                      {"port = \"2-4\"", false},
                                      {"port = \"2-3.*\"", false},
                                      {"port = [\"3-1\", \"2-3\"]", true},
                                  });
    check_rules(at("1-4.2.1", "2-3.2.1"), {
                                              {"port = \"1-4.*\"", true},
                                              {"port = \"2-3.*\"", true},
                                              {"port = \"2-3.2.*\"", true},
                                              {"port = \"2-3.2.1\"", true},
                                              {"port = \"2-3.2.1.*\"", false},
                                              {"port = \"2-3.2\"", false},
                                              {"port = \"2-4.*\"", false},
                                          });
    check_rules(at("1-4", ""), {{"port = \"1-4\"", true}, {"port = \"2-4\"", false}});
}

TEST_CASE("a bus is one bus") {
    check_rules(at("1-4", "2-3"), {{"bus = 1", true}, {"bus = 2", false}});
}

TEST_CASE("only rules that ask make the device be looked at") {
    const auto asked = [](std::string_view content) {
        const Questions questions = questions_of({guest("win10", content)});
        return std::pair(questions.peer, questions.drivers);
    };
    CHECK(asked("[[usb]]\nid = \"046d:*\"\nproduct = \"x\"\n") == std::pair(false, false));
    CHECK(asked("[[usb]]\nport = \"1-4\"\n") == std::pair(true, false));
    CHECK(asked("[[usb]]\nall = true\n[[except]]\nport = [\"1-4\"]\n") == std::pair(true, false));
    CHECK(asked("[[usb]]\ndriver = \"uas\"\n") == std::pair(false, true));
    CHECK(asked("") == std::pair(false, false));
}
