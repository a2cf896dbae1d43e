// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/device: what is made of udev's properties, also of hostile and missing ones.

#include "model/device.h"

#include "model/devices_support.h"

#include <array>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using namespace std::string_literals;

namespace {

/// The interfaces as one text, to compare.
std::string interfaces_text(const Device& device) {
    std::string text;
    for (const UsbClass& interface : device.interfaces) {
        text += class_text(interface) + ";";
    }
    return text;
}

} // namespace

TEST_CASE("a device is described from udev's properties") {
    const Device device = device_with();
    CHECK(device.port == "1-4.2");
    CHECK(device.syspath == "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2");
    CHECK(device.node == "/dev/bus/usb/001/005");
    CHECK(device.bus == 1);
    CHECK(device.number == 5);
    CHECK(device.id.vendor == 0x046d);
    CHECK(device.id.product == 0xc52b);
    CHECK(device.id_text() == "046d:c52b");
    CHECK(device.vendor == "Logitech");
    CHECK(device.product == "USB Receiver");
    CHECK(device.name() == "Logitech USB Receiver");
    CHECK(device.serial == "4C53AB");
    CHECK(class_text(device.device_class) == "0/0/0");
    CHECK(interfaces_text(device) == "3/1/1;3/1/2;3/0/0;");
    CHECK(device.properties.at("ID_PATH") == "pci-0000:00:14.0-usb-0:4.2");
    CHECK(device.attribute("bcdDevice") == "1211");
    CHECK(device.attribute("missing") == std::nullopt);
    CHECK_FALSE(device.is_hub());
}

TEST_CASE("numbers are padded as the kernel and lsusb do") {
    const Device device = device_with({{"PRODUCT", "1/2/0"}, {"BUSNUM", "12"}, {"DEVNUM", "127"}});
    CHECK(device.id_text() == "0001:0002");
    CHECK(device.node == "/dev/bus/usb/012/127");
}

TEST_CASE("the node comes from the numbers, not from a property") {
    CHECK(device_with({{"DEVNAME", "/dev/sda"}}).node == "/dev/bus/usb/001/005");
}

TEST_CASE("names come from the device, else from the hardware database, else there are none") {
    struct Case {
        std::string what;
        Properties changes;
        std::string vendor;
        std::string product;
        std::string name;
    };
    const std::array cases = {
        Case{"both own", {}, "Logitech", "USB Receiver", "Logitech USB Receiver"},
        Case{"no own product",
             {{"ID_MODEL_ENC", ""}},
             "Logitech",
             "Unifying Receiver",
             "Logitech Unifying Receiver"},
        Case{"udev put the numbers in place of the names",
             {{"ID_MODEL_ENC", "c52b"}, {"ID_VENDOR_ENC", "046d"}},
             "Logitech, Inc.",
             "Unifying Receiver",
             "Logitech, Inc. Unifying Receiver"},
        Case{"blanks only",
             {{"ID_MODEL_ENC", "\\x20\\x20"}},
             "Logitech",
             "Unifying Receiver",
             "Logitech Unifying Receiver"},
        Case{"blanks around",
             {{"ID_MODEL_ENC", "\\x20Mouse\\x20\\x20"}},
             "Logitech",
             "Mouse",
             "Logitech Mouse"},
        Case{"unknown to the database too",
             {{"ID_MODEL_ENC", ""}, {"ID_MODEL_FROM_DATABASE", ""}},
             "Logitech",
             "",
             "Logitech"},
        Case{"no names at all",
             {{"ID_MODEL_ENC", ""},
              {"ID_MODEL_FROM_DATABASE", ""},
              {"ID_VENDOR_ENC", ""},
              {"ID_VENDOR_FROM_DATABASE", ""}},
             "",
             "",
             ""},
        Case{"no vendor",
             {{"ID_VENDOR_ENC", ""}, {"ID_VENDOR_FROM_DATABASE", ""}},
             "",
             "USB Receiver",
             "USB Receiver"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.what);
        const Device device = device_with(c.changes);
        CHECK(device.vendor == c.vendor);
        CHECK(device.product == c.product);
        CHECK(device.name() == c.name);
    }
}

TEST_CASE("hostile names are kept as they are and shown harmless") {
    std::string longest;
    for (int i = 0; i < 126; ++i) {
        longest += "\xe2\x82\xac"; // USB's longest string: 126 UTF-16 units, each three bytes here
    }
    struct Case {
        std::string encoded;
        std::string product;
        std::string name;
    };
    const std::array cases = {
        Case{"a\\x0aUSB_HOTPLUG_UNIT=x.service", "a\nUSB_HOTPLUG_UNIT=x.service",
             "a\\x0aUSB_HOTPLUG_UNIT=x.service"},
        Case{"a\\x00b", "a\0b"s, "a\\x00b"},
        Case{"\\x22\\x27><hostdev/>]]>", "\"'><hostdev/>]]>", "\"'><hostdev/>]]>"},
        Case{"\\xff\\xfe", "\xff\xfe", "\\xff\\xfe"},
        Case{"\\x1b[31m\\x1b]0;owned\\x07", "\x1b[31m\x1b]0;owned\x07",
             "\\x1b[31m\\x1b]0;owned\\x07"},
        Case{"\\xc2\\x9b31m",
             "\xc2\x9b"
             "31m",
             "\\xc2\\x9b31m"},
        Case{"\\x5cx0a", "\\x0a", "\\x5cx0a"},
        Case{"100% %s%n $(reboot) `id`", "100% %s%n $(reboot) `id`", "100% %s%n $(reboot) `id`"},
        Case{longest, longest, longest.substr(0, 255) + "..."},
    };
    for (const Case& c : cases) {
        CAPTURE(c.encoded);
        const Device device = device_with(
            {{"ID_MODEL_ENC", c.encoded}, {"ID_VENDOR_ENC", ""}, {"ID_VENDOR_FROM_DATABASE", ""}});
        CHECK(device.product == c.product);
        CHECK(device.name() == c.name);
    }
}

TEST_CASE("a serial number that udev leaves out is read from sysfs") {
    std::vector<std::string> asked;
    const auto reader = [&](const std::string& name) -> std::optional<std::string> {
        asked.push_back(name);
        return "S/N \n 1";
    };
    CHECK(describe(receiver(), reader)->serial == "4C53AB");
    CHECK(asked.empty());
    CHECK(describe(receiver_with({{"ID_SERIAL_SHORT", ""}}), reader)->serial == "S/N \n 1");
    CHECK(asked == std::vector<std::string>{"serial"});
    const auto without = [](const std::string&) -> std::optional<std::string> {
        return std::nullopt;
    };
    CHECK(describe(receiver_with({{"ID_SERIAL_SHORT", ""}}), without)->serial.empty());
    CHECK(describe(receiver_with({{"ID_SERIAL_SHORT", ""}}), {})->serial.empty());
}

TEST_CASE("a hub is known by its class, by an interface's class and by being a root hub") {
    CHECK(device_with({{"TYPE", "9/0/1"}}).is_hub());
    CHECK(device_with({{"ID_USB_INTERFACES", ":030101:090000:"}}).is_hub());
    CHECK(device_with({{"DEVPATH", "/devices/pci0000:00/0000:00:14.0/usb1"}}).is_hub());
    CHECK_FALSE(device_with({{"TYPE", "239/2/1"}}).is_hub());
    CHECK_FALSE(device_with({{"ID_USB_INTERFACES", ":000900:000009:"}}).is_hub());
}

TEST_CASE("classes are read from what udev and the kernel say, and rubbish is left out") {
    struct Case {
        std::string type;
        std::string interfaces;
        std::string device_class;
        std::string found;
    };
    const std::array cases = {
        Case{"239/2/1", ":0e0100:0e0200:010100:", "239/2/1", "14/1/0;14/2/0;1/1/0;"},
        Case{"255/255/255", ":ffffff:", "255/255/255", "255/255/255;"},
        Case{"255/255/255", ":FFFFFF:", "255/255/255", "255/255/255;"},
        Case{"", "", "0/0/0", ""},
        Case{"256/-1/x", ":03010:0301011:zzzzzz:+30101:", "0/0/0", ""},
        Case{"3", ":080650", "3/0/0", "8/6/80;"},
        Case{"3/1/2/4", "080650:030101", "3/1/2", "8/6/80;3/1/1;"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.type);
        const Device device = device_with({{"TYPE", c.type}, {"ID_USB_INTERFACES", c.interfaces}});
        CHECK(class_text(device.device_class) == c.device_class);
        CHECK(interfaces_text(device) == c.found);
    }
    std::string many = ":";
    for (int i = 0; i < 500; ++i) {
        many += "030101:";
    }
    CHECK(device_with({{"ID_USB_INTERFACES", many}}).interfaces.size() == 500);
}

TEST_CASE("what is no USB device is not described as one") {
    const auto interface = describe(receiver_with({{"DEVTYPE", "usb_interface"}}), {});
    REQUIRE_FALSE(interface);
    CHECK(interface.error().message ==
          "Not a USB device: SUBSYSTEM is 'usb', DEVTYPE is 'usb_interface'");
    const auto nothing = describe({}, {});
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().message == "Not a USB device: SUBSYSTEM is '', DEVTYPE is ''");
    const auto hostile = describe(receiver_with({{"SUBSYSTEM", "us\nb\x1b"}}), {});
    REQUIRE_FALSE(hostile);
    CHECK(hostile.error().message ==
          "Not a USB device: SUBSYSTEM is 'us\\x0ab\\x1b', DEVTYPE is 'usb_device'");
}

TEST_CASE("a device whose place or number cannot be right is not described") {
    const std::array<Properties, 19> cases = {{
        {{"BUSNUM", ""}},          {{"BUSNUM", "1000"}},        {{"BUSNUM", "-1"}},
        {{"BUSNUM", "1 "}},        {{"BUSNUM", "../1"}},        {{"DEVNUM", ""}},
        {{"DEVNUM", "128"}},       {{"DEVNUM", "0x5"}},         {{"DEVNUM", "5\n"}},
        {{"PRODUCT", ""}},         {{"PRODUCT", "46d/c52b"}},   {{"PRODUCT", "46d/c52b/1/2"}},
        {{"PRODUCT", "//"}},       {{"PRODUCT", "46d"}},        {{"PRODUCT", "10000/c52b/0"}},
        {{"PRODUCT", "46d/zz/0"}}, {{"PRODUCT", "46d:c52b:0"}}, {{"DEVPATH", ""}},
        {{"DEVPATH", "1-4"}},
    }};
    for (const Properties& changes : cases) {
        const auto& [key, value] = *changes.begin();
        CAPTURE(key);
        CAPTURE(value);
        const auto device = describe(receiver_with(changes), {});
        REQUIRE_FALSE(device);
        CHECK(device.error().message.ends_with(
            " has no usable DEVPATH, BUSNUM, DEVNUM and PRODUCT property"));
    }
    CHECK(describe(receiver_with({{"DEVNUM", ""}}), {}).error().message ==
          "USB device /devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2 has no usable DEVPATH, "
          "BUSNUM, DEVNUM and PRODUCT property");
    CHECK(describe(receiver_with({{"DEVPATH", "a\nb"}}), {}).error().message ==
          "USB device a\\x0ab has no usable DEVPATH, BUSNUM, DEVNUM and PRODUCT property");
}
