// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of usb-hotplugctl explain, --record and --device.

#include "ctl/machine.h"

using namespace usb_hotplug::test;

namespace {

constexpr std::string_view stick_rules = "[[usb]]\ndescription = \"Stick\"\nid = \"0781:5567\"\n"
                                         "serial = \"4C53*\"\n";

const std::string stick_record = "P: /devices/pci0000:00/0000:00:14.0/usb1/1-4\n"
                                 "N: bus/usb/001/004\n"
                                 "E: BUSNUM=001\n"
                                 "E: DEVNAME=/dev/bus/usb/001/004\n"
                                 "E: DEVNUM=004\n"
                                 "E: DEVTYPE=usb_device\n"
                                 "E: ID_MODEL_ENC=Cruzer\\x20Blade\n"
                                 "E: ID_MODEL_ID=5567\n"
                                 "E: ID_SERIAL_SHORT=4C530001230415112345\n"
                                 "E: ID_USB_INTERFACES=:080650:\n"
                                 "E: ID_VENDOR_ENC=SanDisk\n"
                                 "E: ID_VENDOR_ID=0781\n"
                                 "E: MAJOR=189\n"
                                 "E: MINOR=3\n"
                                 "E: PRODUCT=781/5567/126\n"
                                 "E: SUBSYSTEM=usb\n"
                                 "E: TYPE=0/0/0\n"
                                 "A: authorized=1\\n\n"
                                 "A: bcdDevice=0126\\n\n"
                                 "A: dev=189:3\\n\n"
                                 "A: idVendor=0781\\n\n"
                                 "A: manufacturer=SanDisk\\n\n"
                                 "A: product=Cruzer Blade\\n\n"
                                 "A: serial=4C530001230415112345\\n\n"
                                 "A: speed=480\\n\n"
                                 "L: port=../1-0:1.0/usb1-port4\n"
                                 "\n"
                                 "P: /devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0\n";

} // namespace

TEST_CASE("a recorded device: itself, its interfaces, its hubs and the peer of its port") {
    const Machine machine;
    const Ended ended = machine.ctl({"explain", "1-4", "--record", "-"});
    CHECK(ended.status == 0);
    CHECK(ended.err.empty());
    CHECK(ended.out.starts_with(stick_record));
    CHECK(has(ended.out, "\nL: driver=../../../../../../bus/usb/drivers/usb-storage\n\nP: "));
    CHECK(has(ended.out, "\nP: /devices/pci0000:00/0000:00:14.0/usb1\nN: bus/usb/001/001\n"));
    CHECK(has(ended.out, "\nL: usb1-port4/peer=../../../usb2/2-0:1.0/usb2-port3\n\n"));
    CHECK_FALSE(has(ended.out, "urbnum"));
    CHECK_FALSE(has(ended.out, "1-5"));
}

TEST_CASE("a record is decided about elsewhere") {
    const Machine machine;
    const std::string file = machine.folder() / "stick.umockdev";
    const Ended recorded = machine.ctl({"explain", "1-4", "--record", file});
    CHECK(recorded.status == 0);
    CHECK(recorded.out ==
          "Described 0781:5567 at port 1-4 in " + file + ", with its names and serial number\n");
    const Machine other;
    const std::string win10 = other.guest("win10", stick_rules);
    const std::string work = other.guest("work", "[[usb]]\nport = \"2-3\"\ndriver = \"uas\"\n");
    const Ended ended = other.ctl({"explain", "--device", file});
    CHECK(ended.status == 0);
    CHECK(ended.err.empty());
    CHECK(ended.out ==
          "Device 1-4: 0781:5567 SanDisk Cruzer Blade\n"
          "    Node:       /dev/bus/usb/001/004\n"
          "    Other port: 2-3, the same connector\n"
          "    Vendor:     SanDisk\n"
          "    Product:    Cruzer Blade\n"
          "    Serial:     4C530001230415112345\n"
          "    Class:      0/0/0\n"
          "    Interfaces: 8/6/80\n"
          "    Drivers:    usb-storage\n"
          "Guest win10 (" +
              win10 +
              ", priority 0) wants it, by line 1\n"
              "    line 1: [[usb]] \"Stick\": holds\n"
              "Guest work (" +
              work +
              ", priority 0) does not want it, no rule fits\n"
              "    line 1: [[usb]]: no, driver is \"usb-storage\" and not \"uas\"\n"
              "XML for the hypervisor:\n"
              "    <hostdev mode=\"subsystem\" type=\"usb\">\n"
              "      <source>\n"
              "        <vendor id=\"0x0781\" />\n"
              "        <product id=\"0x5567\" />\n"
              "        <address bus=\"1\" device=\"4\" />\n"
              "      </source>\n"
              "      <alias name=\"ua-usb-hotplug-dev-bus-usb-001-004\" />\n"
              "    </hostdev>\n"
              "Unit would be usb-hotplug@dev-bus-usb-001-004.service\n"
              "Decision: win10 is first in line\n"
              "Its situation is not known: the device is described, and not plugged in here\n");
}

TEST_CASE("a record is a machine for umockdev-run") {
    const Machine machine;
    const std::string file = machine.folder() / "stick.umockdev";
    REQUIRE(machine.ctl({"explain", "1-4", "--record", file}).status == 0);
    const Ended listed = machine.ctl_with(file, {"list"});
    CHECK(has(listed.out, "1-4"));
    CHECK(has(listed.out, "/dev/bus/usb/001/004 0781:5567 SanDisk Cruzer Blade"));
    // And recorded there again it is the same.
    const Ended again = machine.ctl_with(file, {"explain", "0781:5567", "--record", "-"});
    CHECK(again.status == 0);
    CHECK(again.out == content_of(file));
}

TEST_CASE("hostile strings are recorded and shown harmless") {
    const Machine machine;
    const std::string file = machine.folder() / "hostile.umockdev";
    REQUIRE(machine.ctl({"explain", "1-7", "--record", file}).status == 0);
    const std::string text = content_of(file);
    CHECK(has(text, "\nA: manufacturer=\\\"\\n[[usb]]\\nall = true\\n#\\n\n"));
    CHECK(has(text, "\nA: product=\\033[31m\\\\\\n\n"));
    const Ended ended = machine.ctl({"explain", "--device", file});
    CHECK(ended.status == 0);
    CHECK(has(ended.out, "    Vendor:     \"\\x0a[[usb]]\\x0aall = true\\x0a#\n"));
    CHECK_FALSE(has(ended.out, "\x1b"));
}

TEST_CASE("the ports of a hostile description are shown harmless, or are none") {
    const Machine machine;
    const std::string text = machine.ctl({"explain", "1-4", "--record", "-"}).out;
    const auto explained = [&](const std::string& old, const std::string& replacement) {
        std::string hostile = text;
        for (std::size_t at = hostile.find(old); at != std::string::npos;
             at = hostile.find(old, at + replacement.size())) {
            hostile.replace(at, old.size(), replacement);
        }
        return machine.ctl({"explain", "--device", machine.folder().write("hostile", hostile)});
    };
    const Ended peer = explained("usb2-port3", "usb2-port\u202e3");
    CHECK(peer.status == 0);
    CHECK(has(peer.out, "    Other port: 2-\\xe2\\x80\\xae3, the same connector\n"));
    CHECK_FALSE(has(peer.out, "\u202e"));
    const Ended port = explained("usb1/1-4", "usb1/1-4\u202e");
    CHECK(port.status == 3);
    CHECK(port.out.empty());
}

TEST_CASE("which device of a description is meant") {
    const Machine machine;
    const std::string file = machine.folder() / "two.umockdev";
    std::string both;
    for (const char* port : {"1-5", "1-6"}) {
        const std::string text = machine.ctl({"explain", port, "--record", "-"}).out;
        both += text.substr(0, text.find("P: /devices/pci0000:00/0000:00:14.0/usb1\n"));
    }
    (void)machine.folder().write("two.umockdev", both);
    const Ended ended = machine.ctl({"explain", "--device", file});
    CHECK(ended.status == 4);
    CHECK(ended.err == "usb-hotplugctl: Several devices are described there; say which by its "
                       "port:\n"
                       "  1-5  /dev/bus/usb/001/005  Logitech USB Optical Mouse\n"
                       "  1-6  /dev/bus/usb/001/006  Logitech USB Optical Mouse\n");
    const Ended one = machine.ctl({"explain", "--device", file, "1-6"});
    CHECK(one.status == 0);
    CHECK(one.out.starts_with("Device 1-6: "));
    CHECK(has(one.out, "Decision: stays with the host\n"));
    CHECK(machine.ctl({"explain", "--device", file, "1-7"}).status == 3);
}

TEST_CASE("a description with a mistake is refused with its place") {
    const Machine machine;
    const std::string file = machine.folder().write("broken", "P: /devices/a\nX\n");
    const Ended ended = machine.ctl({"explain", "--device", file});
    CHECK(ended.status == 1);
    CHECK(ended.out.empty());
    CHECK(ended.err ==
          "usb-hotplugctl: " + file + ":2: not a line of a device, such as \"E: KEY=value\"\n");
}

TEST_CASE("a plugged device is explained as far as systemd can be asked") {
    const Machine machine;
    (void)machine.guest("win10", stick_rules);
    const Ended ended = machine.ctl({"explain", "1-4"});
    CHECK(has(ended.out, "    line 1: [[usb]] \"Stick\": holds\n"));
    CHECK(has(ended.out, "<alias name=\"ua-usb-hotplug-dev-bus-usb-001-004\" />"));
}

TEST_CASE("wrong words are exit status 2, a device that is not there 3") {
    const Machine machine;
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"explain"},
          {"explain", "--record", "x"},
          {"explain", "1-4", "--record", "x", "--device", "y"},
          {"rule"},
          {"rule", "1-4", "--wait"},
          {"rule", "1-4", "--by", "name"},
          {"rule", "--wait", "--timeout", "5x"},
          {"learn"}}) {
        const Ended ended = machine.ctl(words);
        CAPTURE(ended.err);
        CHECK(ended.status == 2);
        CHECK(ended.out.empty());
        CHECK_FALSE(ended.err.empty());
    }
    CHECK(machine.ctl({"explain", "1-9", "--record", "x"}).status == 3);
    CHECK(machine.ctl({"rule", "1-9"}).status == 3);
}
