// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/record, on the fake machine of devices.umockdev.

#include "host/record.h"

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

std::string paths_of(const Description& description) {
    std::string paths;
    for (const DescribedDevice& device : description) {
        paths += device.path.substr(device.path.rfind('/') + 1) + " ";
    }
    return paths;
}

} // namespace

TEST_CASE("a device is recorded with its interfaces and hubs, itself first") {
    const auto receiver = record_device(device_at("/dev/bus/usb/001/003"));
    REQUIRE(receiver);
    CHECK(paths_of(*receiver) == "1-10 1-10:1.0 usb1 ");
    const auto behind = record_device(device_at("/dev/bus/usb/001/014"));
    REQUIRE(behind);
    CHECK(paths_of(*behind) == "1-2.4 1-2 usb1 ");
}

TEST_CASE("what is recorded is the same device again") {
    const Device device = device_at("/dev/bus/usb/001/003");
    const auto description = record_device(device);
    REQUIRE(description);
    std::vector<std::string> left_out;
    const auto again = parse_description("record", write_description(*description, &left_out));
    REQUIRE(again);
    CHECK(left_out.empty());
    const auto devices = described_devices(*again);
    REQUIRE(devices.size() == 1);
    CHECK(devices[0].syspath == device.syspath);
    CHECK(devices[0].node == device.node);
    CHECK(devices[0].name() == device.name());
    CHECK(devices[0].interfaces.size() == device.interfaces.size());
    CHECK(devices[0].attribute("bcdDevice") == "1211");
}

TEST_CASE("no attribute is read but those on the list") {
    const std::string folder = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-10/";
    const FakeFile blocking(folder + "bMaxPower", "98mA\n");
    const FakeFile unknown(folder + "unknown", "x\n");
    const FakeFile speed(folder + "speed", "12\n");
    const auto description = record_device(device_at("/dev/bus/usb/001/003"));
    REQUIRE(description);
    const auto& attributes = description->front().attributes;
    CHECK(attributes.contains("speed"));
    CHECK(attributes.contains("dev"));
    CHECK_FALSE(attributes.contains("bMaxPower"));
    CHECK_FALSE(attributes.contains("unknown"));
}

TEST_CASE("a device that is gone is an error") {
    Device device = device_at("/dev/bus/usb/001/003");
    device.syspath = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-99";
    const auto description = record_device(device);
    REQUIRE_FALSE(description);
    CHECK(description.error().message.find("was the device unplugged?") != std::string::npos);
}
