// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The expected guests are those that Config.vm_for_usb_device of vhotplug returns, in its words
// target_vm; where it returns several to choose from, nobody gets the device when it is plugged in.

#include "import/import_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::imports;
using namespace usb_hotplug::imports::test;

namespace {

/// In the manner of vhotplug's own example.
constexpr std::string_view sample = R"({
  "usbPassthrough": [
    { "description": "Devices for VM1", "targetVm": "vm1",
      "allow": [
        { "interfaceClass": 3, "interfaceProtocol": 2, "description": "HID Mouse" },
        { "productName": ".*ethernet.*", "description": "Ethernet devices" },
        { "vendorId": "067B", "productId": "23a3", "description": "Bridge", "disable": true },
        { "interfaceClass": 1, "description": "Audio" }
      ],
      "deny": [
        { "vendorId": "046d", "productId": "c52b", "description": "Unifying Receiver" },
        { "interfaceClass": 14, "description": "Webcams" }
      ] },
    { "description": "Devices for VM2", "targetVm": "vm2",
      "allow": [
        { "deviceClass": 224, "description": "Wireless Controller" },
        { "bus": 11, "port": 22, "description": "All devices on port 22 of bus 11" },
        { "interfaceClass": 1 }
      ] },
    { "description": "Devices for several VMs", "allowedVms": ["vm1", "vm2"],
      "allow": [ { "vendorId": "1050", "productId": "0407", "description": "Yubikey" } ] }
  ],
  "evdevPassthrough": [
    { "targetVm": "vm1", "allow": [ { "property": "ID_INPUT_MOUSE", "value": "1" } ] }
  ],
  "vms": [
    { "name": "vm1", "type": "qemu", "socket": "/tmp/qmp-socket1" },
    { "name": "vm2", "type": "crosvm", "socket": "/tmp/crosvm-socket1" }
  ],
  "general": { "api": { "enable": false } }
})";

Device interfaces(const std::string& interfaces, const std::string& id = "1/2") {
    return device({{"PRODUCT", id + "/100"}, {"ID_USB_INTERFACES", interfaces}});
}

Device named(const std::string& database, const std::string& own) {
    return device({{"PRODUCT", "1/2/100"},
                   {"ID_USB_INTERFACES", ":ffffff:"},
                   {"ID_MODEL_FROM_DATABASE", database},
                   {"ID_MODEL", own}});
}

Device at_port(const std::string& path, const std::string& bus) {
    return device({{"PRODUCT", "1/2/100"},
                   {"ID_USB_INTERFACES", ":ffffff:"},
                   {"DEVPATH", "/devices/pci0000:00/0000:00:14.0/" + path},
                   {"BUSNUM", bus}});
}

/// One entry of "allow", alone in its group.
std::string allowing(const std::string& entry) {
    return R"({"usbPassthrough": [{"targetVm": "vm1", "allow": [)" + entry + "]}]}";
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a configuration of vhotplug decides the same") {
    check_decisions(
        imported(sample),
        {
            {"a mouse", interfaces(":030101:030102:030000:"), "vm1"},
            {"a keyboard", interfaces(":030101:"), ""},
            {"denied by its id", interfaces(":030101:030102:", "46d/c52b"), ""},
            {"audio: the first group wins", interfaces(":010100:"), "vm1"},
            {"audio and video: denied in the first group, the second takes it",
             interfaces(":010100:0e0100:"), "vm2"},
            {"named in the database", named("Some Ethernet device", "x"), "vm1"},
            {"named by itself", named("", "Some_ethernet_device"), "vm1"},
            {"no such name", named("Disk", "disk"), ""},
            {"disabled", device_of("067b", "23a3"), ""},
            {"Bluetooth by the device's class",
             device({{"PRODUCT", "bda/4852/1"},
                     {"TYPE", "224/1/1"},
                     {"ID_USB_INTERFACES", ":e00101:"}}),
             "vm2"},
            {"at the root port", at_port("usb11/11-22", "011"), "vm2"},
            {"far behind the root port", at_port("usb11/11-22/11-22.33/11-22.33.44", "011"), "vm2"},
            {"at another root port", at_port("usb11/11-33/11-33.22", "011"), ""},
            {"at a port that only begins so", at_port("usb11/11-221", "011"), ""},
            {"the user is asked", device_of("1050", "0407"), ""},
            {"a disk", interfaces(":080650:"), ""},
        });
}

TEST_CASE("what vhotplug does otherwise is said at its place") {
    const Imported result = imported(sample);
    REQUIRE(result.files.size() == 2);
    const std::string& vm1 = result.files[0].toml;
    const std::string& vm2 = result.files[1].toml;
    CHECK(result.files[0].guest == "vm1");
    CHECK(result.files[1].guest == "vm2");
    CHECK(has(vm1, "[guest]\npriority = 10\n"));
    CHECK_FALSE(has(vm2, "[guest]\n"));
    CHECK(has(vm1, "# Not carried over: evdevPassthrough, without a description: this version\n"
                   "#   hands over USB devices, and nothing else.\n"
                   "# \"allow\": {\"property\":\"ID_INPUT_MOUSE\",\"value\":\"1\"}\n"));
    CHECK(has(vm2,
              "# Group 3, \"Devices for several VMs\"\n"
              "# Differs: vhotplug asks which of \"vm1\", \"vm2\" gets a device of this group.\n"));
    CHECK(has(vm2, "description = \"Yubikey\"\nenabled = false\nid = \"1050:0407\"\n"));
    CHECK(has(vm2, "# Differs: what a group before this one gives to another guest can come here\n"
                   "#   while that guest is off; with vhotplug it goes nowhere then.\n"));
    CHECK(has(vm1, "\"socket\":\"/tmp/qmp-socket1\""));
    CHECK(result.remarks == "# Not carried over: \"general\": {\"api\":{\"enable\":false}}\n");
    CHECK(result.notes.size() == 1);
}

TEST_CASE("the conditions of an entry are alternatives, and become rules of their own") {
    const std::string text =
        allowing(R"({"description": "any", "removable": ["removable"], "vendorId": "046d",
        "productId": "c52b", "vendorName": "acme", "bus": 3, "port": 4, "deviceClass": 9,
        "deviceSubclass": 0, "interfaceClass": 8, "interfaceSubclass": 6})");
    const Imported result = imported(text);
    const auto guests = guests_of(result);
    REQUIRE(guests.size() == 1);
    CHECK(guests[0].usb.size() == 6);
    CHECK(count_of(result.files[0].toml, "removable = true\n") == 6);
    const Properties removable = {{"removable", "removable"}};
    const Properties other = {{"PRODUCT", "1/2/3"}, {"ID_USB_INTERFACES", ":ffffff:"}};
    const auto with = [&](Properties changes) {
        changes.insert(other.begin(), other.end());
        return device(changes, removable);
    };
    check_decisions(
        result,
        {
            {"nothing of it", with({}), ""},
            {"the id", device({{"ID_USB_INTERFACES", ":ffffff:"}}, removable), "vm1"},
            {"the id, but built in", device({}, {{"removable", "fixed"}}), ""},
            {"the id, and nobody knows", device(), ""},
            {"the beginning of the name", with({{"ID_VENDOR_FROM_DATABASE", "ACME, Inc."}}), "vm1"},
            {"the middle of the name", with({{"ID_VENDOR_FROM_DATABASE", "The Acme"}}), ""},
            {"the port", with({{"DEVPATH", "/devices/usb3/3-4"}, {"BUSNUM", "3"}}), "vm1"},
            {"the port of another bus", with({{"DEVPATH", "/devices/usb1/1-4"}}), ""},
            {"the interface", with({{"ID_USB_INTERFACES", ":080650:"}}), "vm1"},
            {"half the interface", with({{"ID_USB_INTERFACES", ":080250:"}}), ""},
        });
}

TEST_CASE("removable of vhotplug") {
    const auto rule = [](const std::string& removable) {
        return allowing(R"({"interfaceClass": 3, "removable": )" + removable + "}");
    };
    const Device fixed = device({}, {{"removable", "fixed"}});
    const Device unknown = device({}, {{"removable", "unknown"}});
    check_decisions(
        imported(rule(R"(["FIXED", "unknown"])")),
        {{"fixed", fixed, "vm1"}, {"unknown", unknown, "vm1"}, {"no such file", device(), ""}});
    check_decisions(imported(rule(R"(["fixed"])")), {{"", fixed, "vm1"}, {"", unknown, ""}});
    check_decisions(imported(rule(R"(["unknown"])")), {{"", fixed, ""}, {"", unknown, "vm1"}});
    for (const char* never : {"\"fixed\"", "[]", "[\"maybe\"]", "null"}) {
        CAPTURE(never);
        const Imported result = imported(rule(never));
        check_decisions(result, {{"", fixed, ""}, {"", unknown, ""}});
        CHECK(has(result.files[0].toml, "# Not carried over: allow: removable is "));
    }
}

TEST_CASE("what can never fit in vhotplug is said, and is no rule") {
    struct Case {
        const char* entry;
        const char* said;
    };
    for (const Case& c : {
             Case{R"({"vendorId": "046d"})", "vendorId and productId count only together"},
             {R"({"vendorId": "46d", "productId": "c52b"})",
              "are not four hexadecimal digits each"},
             {R"({"vendorId": 1133, "productId": "c52b"})", "vendorId is 1133 and no string."},
             {R"({"bus": 1})", "bus and port count only together"},
             {R"({"bus": "1", "port": "2"})", "bus is \"1\" and no number from 1 to 999"},
             {R"({"bus": -1, "port": 2})", "bus is -1 and no number from 1 to 999"},
             {R"({"interfaceClass": 256})", "interfaceClass is 256 and no number from 1 to 255"},
             {R"({"interfaceClass": 3.5})", "interfaceClass is 3.5 and no number"},
             {R"({"interfaceProtocol": 2})", "count only beside interfaceClass"},
             {R"({"deviceClass": 0})", "there is no condition in it"},
             {R"({"removable": ["fixed"]})", "there is no condition in it"},
             {R"({"description": "x"})", "# Not carried over: \"x\": there is no condition"},
             {R"({"driverPath": ".*/net/usb/.*"})", "driverPath \".*/net/usb/.*\", the file of"},
             {R"({"color": "red"})", "# Not carried over: \"color\": \"red\""},
         }) {
        CAPTURE(c.entry);
        const Imported result = imported(allowing(c.entry));
        CHECK(guests_of(result).at(0).usb.empty());
        std::string flat = result.files[0].toml;
        for (std::size_t at = flat.find("\n#  "); at != std::string::npos;
             at = flat.find("\n#  ")) {
            flat.erase(at, 4);
        }
        CHECK(has(flat, c.said));
    }
}

TEST_CASE("regular expressions of Python that RE2 takes otherwise are said, and are no rules") {
    for (const char* pattern : {"(?!disk)x", "(a)\\\\1", "x(?=y)", "a{,3}", "[[:alpha:]]x", "(",
                                "a)(b", "\\\\Qx\\\\E", "x\\\\Z", "(?#no)x"}) {
        CAPTURE(pattern);
        const Imported result =
            imported(allowing(R"({"productName": ")" + std::string(pattern) + "\"}"));
        CHECK(guests_of(result).at(0).usb.empty());
        CHECK(has(result.files[0].toml, "# Not carried over: allow: productName "));
    }
    check_decisions(imported(allowing(R"({"productName": "usb|web.*"})")),
                    {{"the first", named("USB thing", ""), "vm1"},
                     {"the second", named("Webcam", ""), "vm1"},
                     {"not at the beginning", named("My usb thing", ""), ""}});
    CHECK(has(toml_of(allowing(R"({"productName": ".*"})")), "fits devices without a name, too"));
}

TEST_CASE("a deny that is lost switches its group off") {
    const std::string text = R"json({"usbPassthrough": [{"targetVm": "vm1",
        "allow": [{"interfaceClass": 3}], "deny": [{"productName": "(?!mouse)"}]
}]
})json";
    const Imported result = imported(text);
    check_decisions(result, {{"a mouse", device(), ""}});
    CHECK(has(result.files[0].toml, "# Differs: a part of \"deny\" is not carried over"));
    CHECK(has(result.files[0].toml, "enabled = false\n"));
}

TEST_CASE("groups of one VM around a group of another are said to be decided otherwise") {
    const Imported result = imported(R"({"usbPassthrough": [
        {"targetVm": "a", "allow": [{"interfaceClass": 1}], "deny": [{"interfaceClass": 14}]},
        {"targetVm": "b", "allow": [{"interfaceClass": 3}]},
        {"targetVm": "a", "allow": [{"interfaceClass": 8}], "skipOnSuspend": true, "tag": "x"}]})");
    REQUIRE(result.files.size() == 2);
    const std::string& a = result.files[0].toml;
    CHECK(
        has(a, "# Differs: a device that fits both the group before and this one goes to \"b\"\n"));
    CHECK(has(a, "# Differs: vhotplug holds \"deny\" against its own group; [[except]] holds\n"));
    CHECK(has(a,
              "# Not carried over: \"skipOnSuspend\": true\n# Not carried over: \"tag\": \"x\"\n"));
    check_decisions(result, {{"audio", interfaces(":010100:"), "a"},
                             {"a mouse", interfaces(":030102:"), "b"},
                             {"a disk", interfaces(":080650:"), "a"}});
}

TEST_CASE("what comes after a group that keeps its devices, or asks, is switched off") {
    const auto between = [](const std::string& group) {
        return imported(R"({"usbPassthrough": [
            {"targetVm": "a", "allow": [{"interfaceClass": 1}]},
            )" + group + R"(,
            {"targetVm": "a", "allow": [{"interfaceClass": 3}]},
            {"targetVm": "b", "allow": [{"interfaceClass": 8}]}]})");
    };
    for (const char* group :
         {R"({"description": "x", "allow": [{"vendorId": "046d", "productId": "c52b"}]})",
          R"({"description": "x", "allow": [{"interfaceClass": 8}], "allowedVms": ["b", "c"]})"}) {
        CAPTURE(group);
        const Imported result = between(group);
        check_decisions(result, {{"audio, of the group before", interfaces(":010100:"), "a"},
                                 {"a mouse", device(), ""},
                                 {"a disk", interfaces(":080650:"), ""}});
        for (const GuestFile& file : {result.files[0], result.files[1]}) {
            CHECK(count_of(file.toml, "# Differs: Group 2, \"x\" comes first, and vhotplug ") == 1);
        }
    }
    // What is switched off itself, or fits nothing, keeps nothing.
    for (const char* group : {R"({"disable": true, "allow": [{"interfaceClass": 3}]})",
                              R"({"allow": [{"interfaceClass": 3, "disable": true}]})",
                              R"({"deny": [{"interfaceClass": 3}]})"}) {
        CAPTURE(group);
        const Imported result = between(group);
        check_decisions(result,
                        {{"a mouse", device(), "a"}, {"a disk", interfaces(":080650:"), "b"}});
        CHECK_FALSE(has(result.files[0].toml, "comes first"));
    }
}

TEST_CASE("groups that give nothing, and VMs that get nothing, are said") {
    const Imported result = imported(R"({"usbPassthrough": [
        {"description": "lost", "allow": [{"interfaceClass": 1}]},
        {"targetVm": "vm1", "disable": true, "allow": [{"interfaceClass": 3}],
         "deny": [{"interfaceClass": 14}]}],
        "vms": [{"name": "vm9"}]})");
    check_decisions(result, {{"a mouse", device(), ""}});
    CHECK(has(result.remarks,
              "# Not carried over: Group 1, \"lost\": there is neither targetVm nor"));
    CHECK(has(result.remarks,
              "# Not carried over: the VM {\"name\":\"vm9\"}, which no group names."));
    CHECK(has(result.files[0].toml, "[[except]]\nenabled = false\n"));
}

TEST_CASE("broken configurations of vhotplug") {
    const std::string deep(40, '[');
    std::string vms = "\"a0\"";
    for (int i = 1; i < 100; ++i) {
        vms += ", \"a" + std::to_string(i) + "\"";
    }
    std::string entries = R"({"interfaceClass": 3})";
    for (int i = 1; i < 2500; ++i) {
        entries += R"(, {"interfaceClass": 3})";
    }
    const std::string crowded = R"({"usbPassthrough": [{"allowedVms": [)" + vms + R"(, "b"]}]})";
    const std::string wide =
        R"({"usbPassthrough": [{"allowedVms": [)" + vms + R"(], "allow": [)" + entries + "]}]}";
    check_messages(
        Format::Vhotplug,
        {
            {"empty", "",
             "file:1:1: not valid JSON: syntax error while parsing value - unexpected end of "
             "input; "
             "expected '[', '{', or a literal"},
            {"a comma too many", "{\n  \"vms\": [],\n}",
             "file:3:1: not valid JSON: syntax error while parsing object key - unexpected '}'; "
             "expected string literal"},
            {"a number that is too large", R"({"general": 1e999})",
             "file: not valid JSON: number overflow parsing '1e999'"},
            {"no object", "[]", "file: the file must be one JSON object"},
            {"too deep", deep,
             "file: more than 16 arrays and objects are in each other; no configuration of "
             "vhotplug "
             "has that"},
            {"no array", R"({"usbPassthrough": {}})",
             "file: /usbPassthrough must be an array of objects"},
            {"no entries", R"({"usbPassthrough": [{}, {"allow": [1]}]})",
             "file: /usbPassthrough/1/allow must be an array of objects"},
            {"no name", R"({"usbPassthrough": [{"targetVm": 7}]})",
             "file: /usbPassthrough/0/targetVm must be a string"},
            {"no names", R"({"usbPassthrough": [{"allowedVms": ["a", 7]}]})",
             "file: /usbPassthrough/0/allowedVms must be an array of names, at most 100"},
            {"a name that is empty", R"({"usbPassthrough": [{"allowedVms": ["a", ""]}]})",
             "file: /usbPassthrough/0/allowedVms must be an array of names, at most 100"},
            {"a NUL", R"({"vms": [{"name": "a\u0000b"}]})",
             "file: a string has a NUL character, \\u0000; no name has that"},
            {"a NUL in a key", R"({"a\u0000b": 1})",
             "file: a string has a NUL character, \\u0000; no name has that"},
            {"too many names", crowded,
             "file: /usbPassthrough/0/allowedVms must be an array of names, at most 100"},
            {"many rules for many VMs", wide,
             "file: Group 1, without a description: the result would be larger than 8388608 "
             "bytes; "
             "import fewer groups at a time, or groups of fewer VMs"},
        });
}
