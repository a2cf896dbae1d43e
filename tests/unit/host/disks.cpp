// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/disks and host/usb_parent, on the fake machine of disks.umockdev.

#include "host/disks.h"

#include "host/devices.h"
#include "host/fake_machine.h"
#include "host/usb_parent.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string usb_path = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4";
const std::string disk_path = usb_path + "/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sda";

} // namespace

TEST_CASE("disks on USB devices are listed, with what is on their partitions") {
    const auto disks = list_disks();
    REQUIRE(disks);
    REQUIRE(disks->size() == 1);
    const Device& disk = disks->front();
    CHECK(disk.node == "/dev/sda");
    CHECK(disk.syspath == disk_path);
    CHECK(disk.port == "1-4");
    CHECK(disk.id_text() == "0781:5567");
    REQUIRE(disk.disk);
    CHECK(disk.disk->partitions == std::vector<std::string>{"sda1"});
    CHECK(disk.disk->labels == std::vector<std::string>{"Back up"});
    CHECK(disk.disk->bytes == 4194304);
    CHECK(disk.disk->serial == "AA00");
    CHECK(disk.attribute("size") == "8192");
}

TEST_CASE("a disk is found by its node, and nothing else is") {
    const auto disk = find_device("/dev/sda");
    REQUIRE(disk);
    REQUIRE(disk->has_value());
    CHECK((*disk)->disk);
    for (const char* node :
         {"/dev/sda1", "/dev/vda", "/dev/sdb", "/dev/null", "/dev/../etc", "sda"}) {
        CAPTURE(node);
        const auto found = find_device(node);
        REQUIRE(found);
        CHECK_FALSE(found->has_value());
    }
}

TEST_CASE("the USB device above a disk is described by what it says itself") {
    const auto usb = usb_parent(disk_path);
    REQUIRE(usb);
    CHECK(usb->port == "1-4");
    CHECK(usb->syspath == usb_path);
    CHECK(usb->vendor == "SanDisk\\x");
    CHECK(usb->product == "Cruzer");
    CHECK(usb->serial == "AA00");
    CHECK_FALSE(usb_parent("/sys/devices/pci0000:00/0000:00:05.0/virtio1/block/vda"));
    CHECK_FALSE(usb_parent(""));
}

TEST_CASE("a device's disks are known when udev has looked at them all") {
    const auto usb = find_device("/dev/bus/usb/001/005");
    REQUIRE(usb);
    REQUIRE(usb->has_value());
    CHECK((*usb)->is_storage());
    const auto on = disks_on(**usb);
    REQUIRE(on);
    CHECK(on->are_known);
    CHECK(on->disks.size() == 1);
    Device other = **usb;
    other.syspath += "0";
    const auto none = disks_on(other);
    REQUIRE(none);
    CHECK_FALSE(none->are_known);
}

TEST_CASE("devices are listed with their disks after them") {
    const auto all = list_devices_and_disks();
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK_FALSE(all->front().disk);
    CHECK(all->back().node == "/dev/sda");
}

TEST_CASE("a link that does not lead to the disk is not its path") {
    const auto disk = find_disk("/dev/sda");
    REQUIRE(disk);
    REQUIRE(disk->has_value());
    CHECK((*disk)->disk->link == "/dev/disk/by-id/usb-SanDisk_Cruzer_AA00-0:0");
    CHECK(path_of(**disk) == "/dev/sda");
}
