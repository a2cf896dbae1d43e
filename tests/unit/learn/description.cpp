// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of learn/description: the text and its mistakes, and the devices in it.

#include "learn/description.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;

namespace {

const std::string usb1 = "/devices/pci0000:00/0000:00:14.0/usb1";

const std::string root = "P: " + usb1 +
                         "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: PRODUCT=1d6b/2/601\n"
                         "E: TYPE=9/0/1\nE: BUSNUM=001\nE: DEVNUM=001\n\n";

/// A stick at port 1-4, with more lines.
std::string stick(const std::string& more = "") {
    return "P: " + usb1 +
           "/1-4\nN: bus/usb/001/004\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
           "E: PRODUCT=781/5567/126\nE: TYPE=0/0/0\nE: BUSNUM=001\nE: DEVNUM=004\n"
           "E: ID_MODEL_ENC=Cruzer\\x20Blade\nE: ID_USB_INTERFACES=:080650:\n" +
           more + "\n";
}

std::string interface_of(const std::string& path, const std::string& driver) {
    return "P: " + usb1 + path + "\nE: SUBSYSTEM=usb\nL: driver=../../bus/usb/drivers/" + driver +
           "\n\n";
}

Description parsed(const std::string& text) {
    auto description = parse_description("dev.txt", text);
    const std::string message = description ? "" : description.error().message;
    CAPTURE(message);
    REQUIRE(description);
    return std::move(*description);
}

std::string mistake_in(const std::string& text) {
    const auto description = parse_description("dev.txt", text);
    return description ? "none" : description.error().message;
}

Device device_in(const std::string& text) {
    auto devices = described_devices(parsed(text));
    REQUIRE(devices.size() == 1);
    return std::move(devices.front());
}

} // namespace

TEST_CASE("a description is read, whole") {
    const Description description = parsed(
        stick("S: disk/by-id/usb-x\nE: EMPTY=\nE: EQUALS=a=b\nA: speed=480\\n\nA: power/level=on\n"
              "H: descriptors=12010002\nL: port=../1-0:1.0/usb1-port4\n") +
        "\n\n" + root);
    REQUIRE(description.size() == 2);
    const DescribedDevice& device = description[0];
    CHECK(device.path == usb1 + "/1-4");
    CHECK(device.node == "bus/usb/001/004");
    CHECK(device.properties.at("EMPTY").empty());
    CHECK(device.properties.at("EQUALS") == "a=b");
    CHECK(device.attributes.at("speed") == "480\n");
    CHECK(device.attributes.at("power/level") == "on");
    CHECK(device.attributes.at("descriptors") == std::string("\x12\x01\x00\x02", 4));
    CHECK(device.links.at("port") == "../1-0:1.0/usb1-port4");
    CHECK(description[1].path == usb1);
}

TEST_CASE("the last line needs no end, and a node may have content") {
    CHECK(parsed("P: /devices/a\nE: SUBSYSTEM=usb").size() == 1);
    CHECK(parsed("P: /devices/a\nN: bus/usb/001/004=1201FF\nE: SUBSYSTEM=usb\n")[0].node ==
          "bus/usb/001/004");
    CHECK(parsed("\n\nP: /devices/a\nE: SUBSYSTEM=usb\nE: DEVPATH=/devices/a\n").size() == 1);
}

TEST_CASE("what is written reads back") {
    DescribedDevice device;
    device.path = "/devices/a";
    device.node = "bus/usb/001/004";
    device.properties = {{"SUBSYSTEM", "usb"}, {"TAGS", ":systemd:"}, {"X", "Kr\xc3\xbcger \\x20"}};
    device.attributes = {{"speed", "480\n"},
                         {"text", "\"\\\t\x01\xc3\xbc"},
                         {"binary", std::string("\x12\x00\xff", 3)},
                         {"empty", ""},
                         {"latin1", "\xff"}};
    device.links = {{"driver", "../../bus/usb/drivers/usbhid"}, {"usb1-port4/peer", "../x"}};
    DescribedDevice other = device;
    other.path = "/devices/b";
    std::vector<std::string> left_out;
    const std::string text = write_description({device, other}, &left_out);
    CHECK(left_out.empty());
    CHECK(text.find("H: binary=1200FF\n") != std::string::npos);
    CHECK(text.find("A: speed=480\\n\n") != std::string::npos);
    const Description again = parsed(text);
    REQUIRE(again.size() == 2);
    CHECK(again[0].path == device.path);
    CHECK(again[0].node == device.node);
    CHECK(again[0].properties == device.properties);
    CHECK(again[0].attributes == device.attributes);
    CHECK(again[0].links == device.links);
    CHECK(write_description(again) == text);
}

TEST_CASE("what the format cannot say is left out and named") {
    DescribedDevice device;
    device.path = "/devices/a";
    device.properties = {{"SUBSYSTEM", "usb"}, {"EVIL", "x\nP: /devices/b"}, {"LATIN", "\xff"}};
    device.attributes = {{"a=b", "x"}, {"../c", "x"}};
    std::vector<std::string> left_out;
    const std::string text = write_description({device}, &left_out);
    CHECK(text == "P: /devices/a\nE: SUBSYSTEM=usb\n\n");
    CHECK(left_out == std::vector<std::string>{"EVIL of /devices/a", "LATIN of /devices/a",
                                               "../c of /devices/a", "a=b of /devices/a"});
}

TEST_CASE("mistakes are said with their place") {
    struct Case {
        std::string text;
        std::string said;
    };
    const std::string begin = "P: /devices/a\nE: SUBSYSTEM=usb\n";
    const Case cases[] = {
        {"", "dev.txt: no device is described here; 'usb-hotplugctl explain --record' and "
             "umockdev-record write such files"},
        {"# hello\n", "dev.txt:1: not a line of a device, such as \"E: KEY=value\""},
        {"E: A=b\n", "dev.txt:1: a device begins with \"P: /devices/...\""},
        {begin + "\nE: A=b\n", "dev.txt:4: a device begins with \"P: /devices/...\""},
        {begin + "P: /devices/b\n", "dev.txt:3: an empty line must come before the next device"},
        {begin + "\n" + begin, "dev.txt:4: this device was described before"},
        {"P: /devices/a\n", "dev.txt:1: the device that ends here has no \"E: SUBSYSTEM=\""},
        {"P: /devices/a\n\n", "dev.txt:2: the device that ends here has no \"E: SUBSYSTEM=\""},
        {"P: /etc\n", "dev.txt:1: a device's path begins with /devices/ and has no \"..\""},
        {"P: /devices/../etc\n",
         "dev.txt:1: a device's path begins with /devices/ and has no \"..\""},
        {"P: /devices/\n", "dev.txt:1: a device's path begins with /devices/ and has no \"..\""},
        {"P: /devices/a//b\n",
         "dev.txt:1: a device's path begins with /devices/ and has no \"..\""},
        {"P: /devices/" + std::string(5000, 'x') + "\n",
         "dev.txt:1: a device's path begins with /devices/ and has no \"..\""},
        {begin + "E: SUBSYSTEM=usb\n", "dev.txt:3: this device has SUBSYSTEM already"},
        {begin + "E: A\n", "dev.txt:3: must be NAME=VALUE"},
        {begin + "E: =x\n", "dev.txt:3: must be NAME=VALUE"},
        {begin + "E: DEVPATH=/devices/b\n", "dev.txt:3: DEVPATH is not what the \"P:\" line says"},
        {begin + "A: ../x=1\n", "dev.txt:3: not a name below the device's folder"},
        {begin + "A: /x=1\n", "dev.txt:3: not a name below the device's folder"},
        {begin + "A: x=1\nH: x=31\n", "dev.txt:4: this device has x already"},
        {begin + "L: x=1\nA: x=31\n", "dev.txt:4: this device has x already"},
        {begin + "A: x=\\x41\n",
         "dev.txt:3: has an unknown escape; there are \\b \\f \\n \\r \\t \\v \\\\ \\\" and \\001 "
         "to \\377"},
        {begin + "H: x=123\n", "dev.txt:3: must be pairs of hexadecimal digits"},
        {begin + "N: /dev/x\n", "dev.txt:3: not a name below /dev"},
        {begin + "N: ../x\n", "dev.txt:3: not a name below /dev"},
        {begin + "N: x=1\n", "dev.txt:3: after \"=\" must be pairs of hexadecimal digits"},
        {begin + "N: x\nN: y\n", "dev.txt:4: this device has a node already"},
        {begin + "S: ../x\n", "dev.txt:3: not a name below /dev"},
        {begin + "X: a=b\n", "dev.txt:3: no line begins with \"X:\""},
        {begin + "E:A=b\n", "dev.txt:3: not a line of a device, such as \"E: KEY=value\""},
        {begin + "E: A=b\r\n", "dev.txt:3: has a control character, or is not UTF-8"},
        {begin + "E: A=\x1b[31m\n", "dev.txt:3: has a control character, or is not UTF-8"},
        {begin + "E: A=\xff\n", "dev.txt:3: has a control character, or is not UTF-8"},
        {begin + std::string("E: A=\0\n", 7),
         "dev.txt:3: has a control character, or is not UTF-8"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(mistake_in(c.text) == c.said);
    }
    const auto odd = parse_description("a\n\x1b", "x\n");
    REQUIRE_FALSE(odd);
    CHECK(odd.error().message.starts_with("a\\x0a\\x1b:1: "));
}

TEST_CASE("size and number of devices are bounded") {
    CHECK(mistake_in(std::string(description_max + 1, '\n')) ==
          "dev.txt: larger than 4194304 bytes");
    std::string many;
    for (int i = 0; i < 4097; ++i) {
        many += "P: /devices/" + std::to_string(i) + "\nE: SUBSYSTEM=usb\n\n";
    }
    CHECK(mistake_in(many) == "dev.txt:12289: more than 4096 devices");
}

TEST_CASE("a described device is what the rules see") {
    const Device device = device_in(
        stick("A: speed=480\\n\nL: port=../1-0:1.0/usb1-port4\n") +
        interface_of("/1-4/1-4:1.0", "uas") + interface_of("/1-4/1-4:1.1", "usbhid") +
        interface_of("/1-4/1-4:1.2", "usbfs") + interface_of("/1-5/1-5:1.0", "btusb") +
        interface_of("/1-4/1-4.1/1-4.1:1.0", "btusb") + root + "P: " + usb1 +
        "/1-0:1.0\nE: SUBSYSTEM=usb\nL: usb1-port4/peer=../../../usb2/2-0:1.0/usb2-port3\n");
    CHECK(device.port == "1-4");
    CHECK(device.node == "/dev/bus/usb/001/004");
    CHECK(device.id_text() == "0781:5567");
    CHECK(device.name() == "Cruzer Blade");
    CHECK(device.attribute("speed") == "480");
    CHECK(device.attribute("missing") == std::nullopt);
    CHECK(device.peer == "2-3");
    CHECK(device.drivers == std::vector<std::string>{"uas", "usbhid"});
}

TEST_CASE("a peer is found by the device's own link to its port") {
    const Device device = device_in(
        stick("L: port=../1-0:2.0/usb1-port4\n") + "P: " + usb1 +
        "/1-0:2.0\nE: SUBSYSTEM=usb\nL: usb1-port4/peer=../../../usb2/2-0:1.0/usb2-port9\n");
    CHECK(device.peer == "2-9");
    CHECK(device_in(stick("L: port=../../../../../../../..\n")).peer.empty());
}

TEST_CASE("root hubs and what is no USB device are left out") {
    CHECK(described_devices(parsed(root)).empty());
    CHECK(described_devices(parsed("P: /devices/a\nE: SUBSYSTEM=usb\n")).empty());
    CHECK(described_devices(
              parsed("P: /devices/a\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: BUSNUM=x\n"))
              .empty());
}

TEST_CASE("a device at a port that cannot be is left out") {
    for (const char* port : {"1-4\u202e", "1-4 x", "1-4:1.0", "4", "usb1", "1-4/x"}) {
        CAPTURE(port);
        CHECK(described_devices(parsed("P: " + usb1 + "/" + port +
                                       "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: BUSNUM=001\n"
                                       "E: DEVNUM=004\nE: PRODUCT=781/5567/100\n"))
                  .empty());
    }
}
