// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/devices, on the fake machine of devices.umockdev.

#include "host/devices.h"

#include "host/fake_machine.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

Device device_at(const std::string& node) {
    auto device = find_device(node);
    REQUIRE(device);
    REQUIRE(device->has_value());
    return std::move(**device);
}

} // namespace

TEST_CASE("all devices but root hubs are listed, by the value of their ports") {
    const auto devices = list_devices();
    REQUIRE(devices);
    std::string ports;
    for (const Device& device : *devices) {
        ports += device.port + " ";
    }
    CHECK(ports == "1-2 1-2.4 1-2.11 1-10 2-1 2-2 2-3 10-1 ");
}

TEST_CASE("the buses are the root hubs, by their numbers") {
    const auto buses = list_buses();
    REQUIRE(buses);
    std::string ports;
    for (const Device& bus : *buses) {
        ports += bus.port + " ";
        CHECK(bus.is_hub());
    }
    CHECK(ports == "usb1 usb2 usb10 ");
}

TEST_CASE("a listed device is whole: properties, names, classes, attributes") {
    const auto devices = list_devices();
    REQUIRE(devices);
    REQUIRE(devices->size() == 8);
    const Device& receiver = devices->at(3);
    CHECK(receiver.node == "/dev/bus/usb/001/003");
    CHECK(receiver.syspath == "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-10");
    CHECK(receiver.id_text() == "046d:c52b");
    CHECK(receiver.name() == "Logitech USB Receiver");
    CHECK(receiver.interfaces.size() == 2);
    CHECK(receiver.serial == "4C53");
    CHECK(receiver.attribute("bcdDevice") == "1211");
    CHECK(receiver.attribute("nothing") == std::nullopt);
    CHECK(devices->at(0).is_hub());
    CHECK_FALSE(receiver.is_hub());
}

TEST_CASE("a device is found by its node") {
    CHECK(device_at("/dev/bus/usb/001/003").port == "1-10");
    CHECK(device_at("/dev/bus/usb/010/002").port == "10-1");
    CHECK(device_at("/dev/bus/usb/001/001").is_hub());
}

TEST_CASE("a device is found where /dev has no USB devices") {
    const std::string nodes = fake_root() + "/dev/bus";
    std::filesystem::rename(nodes, nodes + ".away");
    const auto device = find_device("/dev/bus/usb/010/002");
    std::filesystem::rename(nodes + ".away", nodes);
    REQUIRE(device);
    REQUIRE(device->has_value());
    CHECK((*device)->port == "10-1");
}

TEST_CASE("a device's attributes can be read after the list it came in is gone") {
    const auto reader = [] { return list_devices()->at(3).attribute; }();
    CHECK(reader("bcdDevice") == "1211");
}

TEST_CASE("a node that is not there, or is no USB device's, is nothing and no error") {
    for (const std::string node :
         {"/dev/bus/usb/001/099", "/dev/bus/usb/099/001", "/dev/missing", "/dev/null",
          "/dev/bus/usb/001/016", "/dev/a\nb", "/dev/bus/usb/1/3", "/dev/bus/usb/001",
          "/dev/bus/usb/000/131", "/dev/bus/usb/002/000", "/dev/bus/usb/001/003/"}) {
        CAPTURE(node);
        const auto device = find_device(node);
        REQUIRE(device);
        CHECK_FALSE(device->has_value());
    }
}

TEST_CASE("a device that is not allowed on this host is known as such") {
    CHECK(is_authorised(device_at("/dev/bus/usb/001/003")));
    CHECK_FALSE(is_authorised(device_at("/dev/bus/usb/001/014")));
    CHECK(is_authorised(device_at("/dev/bus/usb/001/015")));
    CHECK(is_authorised(Device{}));
}

TEST_CASE("a device that is allowed later is known as such when it is looked up again") {
    const FakeFile allowed("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.11/authorized",
                           "0\n");
    CHECK_FALSE(is_authorised(device_at("/dev/bus/usb/001/015")));
    const FakeFile later("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.11/authorized", "1\n");
    CHECK(is_authorised(device_at("/dev/bus/usb/001/015")));
}

TEST_CASE("a hostile device's strings are kept as they are and shown harmless") {
    const Device hostile = device_at("/dev/bus/usb/001/015");
    CHECK(hostile.product == "a\nUSB_HOTPLUG_UNIT=x\x1b[31m");
    CHECK(hostile.name() == "a\\x0aUSB_HOTPLUG_UNIT=x\\x1b[31m");
    CHECK(hostile.vendor.empty());
}
