// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of disks: what rules see of one, what [[disk]] rules mean, and who gets which, the disk or
// the USB device that it is on.

#include "model/rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

Device stick() {
    return device_with({{"ID_USB_INTERFACES", ":080650:"}, {"ID_SERIAL_SHORT", "AA00"}});
}

Properties disk_properties(const Properties& changes = {}) {
    Properties properties = {
        {"SUBSYSTEM", "block"},
        {"DEVTYPE", "disk"},
        {"DEVPATH", "/devices/pci0000:00/usb1/1-4/1-4.2/1-4.2:1.0/host6/target6:0:0/6:0:0:0/"
                    "block/sdb"},
        {"DEVLINKS", "/dev/disk/by-path/pci-usb /dev/disk/by-id/wwn-0x5 "
                     "/dev/disk/by-id/usb-Acme_Disk_AA00-0:0"},
        {"ID_SERIAL", "Acme_Disk_AA00-0:0"},
        {"ID_SERIAL_SHORT", "AA00"},
        {"ID_WWN", "0x5000"},
        {"ID_FS_LABEL", "My_Disk"},
        {"ID_FS_LABEL_ENC", "My\\x20Disk"},
        {"TAGS", ":systemd:vault:"},
    };
    for (const auto& [key, value] : changes) {
        properties[key] = value;
    }
    return properties;
}

Device disk(const Properties& changes = {}, const std::string& size = "8192") {
    auto described = describe_disk(
        disk_properties(changes),
        [size](const std::string& name) -> std::optional<std::string> {
            return name == "size" ? std::optional(size) : std::nullopt;
        },
        stick());
    REQUIRE(described);
    return std::move(*described);
}

Guest wanting(std::string_view keys) {
    return guest("win10", "[[disk]]\n" + std::string(keys) + "\n");
}

bool wants(std::string_view keys, const Device& device) {
    const std::vector<Guest> guests = {wanting(keys)};
    return decide(device, guests).wanted();
}

bool may_claim(std::string_view keys, const Device& usb) {
    const std::vector<Guest> guests = {wanting(keys)};
    return !disk_claims(usb, guests).empty();
}

} // namespace

TEST_CASE("a disk is its own and its device's") {
    const Device device = disk();
    CHECK(device.node == "/dev/sdb");
    CHECK(device.port == "1-4.2");
    CHECK(device.id_text() == "046d:c52b");
    REQUIRE(device.disk);
    CHECK(device.disk->name == "sdb");
    CHECK(device.disk->link == "/dev/disk/by-id/usb-Acme_Disk_AA00-0:0");
    CHECK(device.disk->serial == "AA00");
    CHECK(device.disk->serials ==
          std::vector<std::string>{"AA00", "Acme_Disk_AA00-0:0", "Acme_Disk_AA00"});
    CHECK(device.disk->labels == std::vector<std::string>{"My Disk"});
    CHECK(device.disk->bytes == 4194304);
    CHECK(size_text(device.disk->bytes) == "4 MiB");
    CHECK(size_text(0) == "0 B");
    CHECK(size_text(62914560000) == "58.5 GiB");
}

TEST_CASE("a disk of more than 2 TiB has its size, and nonsense none") {
    CHECK(size_text(disk({}, "15628053168").disk->bytes) == "7.2 TiB");
    CHECK(disk({}, "").disk->bytes == 0);
    CHECK(disk({}, "-1").disk->bytes == 0);
}

TEST_CASE("what is no whole disk is not described") {
    for (const Properties& changes :
         {Properties{{"DEVTYPE", "partition"}}, {{"SUBSYSTEM", "usb"}}, {{"DEVPATH", ""}}}) {
        CHECK_FALSE(describe_disk(disk_properties(changes), {}, stick()));
    }
}

TEST_CASE("nodes of disks are told from those of USB devices") {
    CHECK(is_disk_node("/dev/sdb"));
    CHECK(is_disk_node("/dev/mmcblk0"));
    CHECK_FALSE(is_disk_node("/dev/bus/usb/001/005"));
    CHECK_FALSE(is_disk_node("/dev/"));
    CHECK_FALSE(is_disk_node("sdb"));
    CHECK(disk_node("cciss!c0d0") == "/dev/cciss/c0d0");
}

TEST_CASE("each key of a [[disk]] rule holds for a disk that has it") {
    for (const std::string_view keys :
         {"serial = \"AA00\"", "serial = \"Acme_Disk_AA00\"", "serial = \"acme_disk_aa00-0:0\"",
          "id = \"046d:c52b\"", "port = \"1-4.2\"", "port = \"1-4.*\"", "vendor = \"logi*\"",
          "product = \"*receiver\"", "label = \"my disk\"", "wwn = \"0x5000\"", "all = true",
          "tag = \"vault\"", "property = { ID_WWN = \"0x5*\" }",
          "attribute = { size = \"8192\" }"}) {
        CAPTURE(keys);
        CHECK(wants(keys, disk()));
    }
    for (const std::string_view keys :
         {"serial = \"AA01\"", "serial = \"Acme_Disk\"", "id = \"046d:c52c\"", "port = \"1-4\"",
          "label = \"my_disk\"", "wwn = \"0x50\"", "tag = \"desk\"", "enabled = false\nall = true",
          "property = { ID_PATH = \"*\" }"}) {
        CAPTURE(keys);
        CHECK_FALSE(wants(keys, disk()));
    }
}

TEST_CASE("a disk behind a bridge has its own serial number and the bridge's") {
    const Device bridged = disk({{"ID_SERIAL", "WDC_WD20-WX91"},
                                 {"ID_SERIAL_SHORT", "WX91"},
                                 {"ID_USB_SERIAL", "Acme_Bridge_77-0:1"},
                                 {"ID_USB_SERIAL_SHORT", "77"}});
    for (const std::string_view serial :
         {"WDC_WD20-WX91", "WX91", "Acme_Bridge_77", "Acme_Bridge_77-0:1", "77", "AA00"}) {
        CAPTURE(serial);
        CHECK(wants("serial = \"" + std::string(serial) + "\"", bridged));
    }
    CHECK_FALSE(wants("serial = \"WDC_WD20\"", bridged));
}

TEST_CASE("rules about devices are not about disks, and the other way round") {
    const std::vector<Guest> guests = {guest("win10", "[[usb]]\nall = true\n")};
    CHECK_FALSE(decide(disk(), guests).wanted());
    CHECK(decide(stick(), guests).wanted());
    CHECK_FALSE(wants("all = true", stick()));
    const std::vector<Guest> excepting = {
        guest("win10", "[[disk]]\nall = true\n[[except]]\nall = true\n")};
    CHECK(decide(disk(), excepting).wanted());
}

TEST_CASE("the first rule that holds says how the guest gets the disk") {
    const std::vector<Guest> guests = {
        guest("win10", "[[disk]]\nserial = \"BB\"\ntarget = \"vdx\"\n"
                       "[[disk]]\nserial = \"AA00\"\nbus = \"scsi\"\ntarget = \"sdc\"\n"
                       "read-only = true\ncache = \"none\"\ndiscard = \"unmap\"\nforce = true\n"
                       "[[disk]]\nall = true\n")};
    const Decision decision = decide(disk(), guests);
    REQUIRE(decision.verdicts.size() == 1);
    const DiskSettings* settings = decision.verdicts[0].settings;
    REQUIRE(settings != nullptr);
    CHECK(settings->bus == DiskBus::Scsi);
    CHECK(settings->target == "sdc");
    CHECK(settings->read_only);
    CHECK(settings->cache == DiskCache::None);
    CHECK(settings->discard == DiskDiscard::Unmap);
    CHECK(settings->force);
    CHECK(decide(disk(), guests, "win10").verdicts[0].settings == settings);
    CHECK(decide(disk(), guests, "work").verdicts[0].wish == Wish::Yields);
}

TEST_CASE("what a USB device tells can rule out that its disk is meant, and nothing else can") {
    for (const std::string_view keys :
         {"all = true", "id = \"046d:*\"", "port = \"1-4.2\"", "serial = \"of the disk\"",
          "label = \"backup\"", "wwn = \"0x1\"", "vendor = \"logitech\"",
          "id = [\"046d:*\", \"05c6:*\"]\nlabel = \"x\""}) {
        CAPTURE(keys);
        CHECK(may_claim(keys, stick()));
    }
    for (const std::string_view keys :
         {"id = \"05c6:*\"", "port = \"1-5\"", "product = \"disk\"",
          "id = \"05c6:*\"\nserial = \"AA00\"", "enabled = false\nall = true"}) {
        CAPTURE(keys);
        CHECK_FALSE(may_claim(keys, stick()));
    }
    CHECK_FALSE(may_claim("all = true", device_with()));
}

TEST_CASE("a device that is left to its disk goes to no guest, but by hand") {
    const std::vector<Guest> guests = {
        guest("win10", "[[usb]]\nall = true\n[[disk]]\nserial = \"AA00\"\n"),
        guest("work", "[[usb]]\nall = true\n")};
    const Device usb = stick();
    const auto claims = disk_claims(usb, guests);
    REQUIRE(claims.size() == 1);
    Decision decision = decide(usb, guests);
    leave_to_disk(claims[0], decision);
    CHECK_FALSE(decision.wanted());
    REQUIRE(decision.for_disk);
    CHECK(decision.for_disk->guest->name == "win10");
    CHECK(decision.verdicts[1].wish == Wish::ForDisk);

    Decision by_hand = decide(usb, guests, "work");
    leave_to_disk(claims[0], by_hand);
    CHECK(by_hand.wanted_by("work"));
    CHECK_FALSE(by_hand.for_disk);
}
