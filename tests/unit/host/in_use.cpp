// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/in_use: a device whose disk the host uses is found out. The program runs under
// umockdev-run, so /proc and /sys are folders of ours.

#include "host/in_use.h"

#include "host/fake_machine.h"
#include "support.h"

#include <array>
#include <cerrno>
#include <doctest/doctest.h>
#include <filesystem>
#include <vector>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

int free_for_us(const std::string& /*node*/) {
    return 0;
}

std::optional<std::string> use_of(const std::string& syspath) {
    const auto use = host_use(syspath, free_for_us);
    return use ? std::optional(use->what) : std::nullopt;
}

/// Every disk that is opened answers this.
Claim answering(int code) {
    return [code](const std::string& /*node*/) { return code; };
}

/// A USB stick "sdb" with one partition, as below a device's folder in /sys.
class Stick {
public:
    Stick() {
        write("1-4:1.0/bInterfaceClass", "08\n");
        write(disk + "/dev", "8:16\n");
        write(disk + "/queue/scheduler", "none\n");
        write(disk + "/sdb1/dev", "8:17\n");
        write(disk + "/sdb1/partition", "1\n");
        folder_.folder(disk + "/holders");
        folder_.folder(disk + "/sdb1/holders");
    }
    /// As the host says it of itself: nothing else has the disks.
    [[nodiscard]] std::optional<std::string> use() const { return use_of(folder_.path()); }
    [[nodiscard]] std::optional<HostUse> use(const Claim& claim) const {
        return host_use(folder_.path(), claim);
    }
    void write(const std::string& name, std::string_view content) const {
        (void)folder_.write(name, content);
    }
    /// Something of the kernel's is made of it: "dm-0".
    void hold(const std::string& part, const std::string& holder) const {
        std::filesystem::create_symlink("/sys/block/" + holder,
                                        folder_ / (disk + part + "/holders/" + holder));
    }

private:
    const std::string disk = "1-4:1.0/host4/target4:0:0/4:0:0:0/block/sdb";
    TemporaryFolder folder_;
};

constexpr std::string_view no_swap = "Filename\tType\tSize\tUsed\tPriority\n";
constexpr std::string_view root_only = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n";

} // namespace

TEST_CASE("a mount is found by the disk's number, or by its name as the source") {
    struct Case {
        std::string mountinfo;
        std::string disk;
        std::string number;
        std::optional<std::string> where;
    };
    const std::array cases = {
        Case{"", "sdb1", "8:17", std::nullopt},
        Case{"22 1 8:17 / /mnt rw,relatime shared:1 - ext4 /dev/sdb1 rw\n", "sdb1", "8:17", "/mnt"},
        Case{"22 1 8:17 / /mnt rw - ext4 /dev/disk/by-label/x rw\n", "sdb1", "8:17", "/mnt"},
        Case{"22 1 0:44 /@ /home rw shared:1 master:2 - btrfs /dev/sdb1 rw\n", "sdb1", "8:17",
             "/home"},
        Case{"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:17 / /mnt/b rw - vfat /dev/sdb1 rw",
             "sdb1", "8:17", "/mnt/b"},
        Case{"22 1 8:17 / /a rw - ext4 /dev/sdb1 rw\n22 1 8:17 / /b rw - ext4 /dev/sdb1 rw", "sdb1",
             "8:17", "/a"},
        // What only looks like it.
        Case{"22 1 8:17 / /mnt rw - ext4 /dev/sdb1 rw\n", "sdb", "8:16", std::nullopt},
        Case{"22 1 8:17 / /mnt rw - ext4 /dev/sdb11 rw\n", "sdb1", "8:1", std::nullopt},
        Case{"22 1 0:30 / /dev/sdb1 rw - tmpfs tmpfs rw\n", "sdb1", "8:17", std::nullopt},
        Case{"22 1 0:30 /8:17 / rw - tmpfs 8:17 rw\n", "sdb1", "8:17", std::nullopt},
        // Damaged lines are passed over.
        Case{"22 1 8:17 / /mnt rw ext4 /dev/sdb1 rw\n", "sdb1", "8:17", std::nullopt},
        Case{"8:17\n - \n\n8:17 8:17 8:17\n", "sdb1", "8:17", std::nullopt},
        Case{"22 1 0:30 / /mnt rw - tmpfs\n", "sdb1", "8:17", std::nullopt},
        // A disk whose number cannot be read.
        Case{"22 1 8:17 / /mnt rw - ext4 /dev/sdb1 rw\n", "sdb1", "", "/mnt"},
        Case{"22 1 8:17 / /mnt rw - ext4 /dev/sdc1 rw\n", "sdb1", "", std::nullopt},
    };
    for (const Case& c : cases) {
        CAPTURE(c.mountinfo);
        CHECK(mounted_at(c.mountinfo, c.disk, c.number) == c.where);
    }
}

TEST_CASE("a device without disks is never in use, whatever is mounted") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    const FakeFile swaps("/proc/swaps", no_swap);
    const TemporaryFolder folder;
    CHECK(use_of(folder.path()) == std::nullopt);
    CHECK(use_of(folder / "missing") == std::nullopt);
    folder.write("1-4:1.0/input/input5/event5/dev", "8:1\n");
    CHECK(use_of(folder.path()) == std::nullopt);
}

TEST_CASE("a stick that the host does not use is free") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    const FakeFile swaps("/proc/swaps", no_swap);
    CHECK(Stick().use() == std::nullopt);
}

TEST_CASE("a stick with a mounted partition, or mounted as a whole, is in use") {
    const FakeFile swaps("/proc/swaps", no_swap);
    {
        const FakeFile mounts("/proc/1/mountinfo",
                              std::string(root_only) +
                                  "30 22 8:17 / /media/backup rw - vfat /dev/sdb1 rw\n");
        CHECK(Stick().use() == "/dev/sdb1 is mounted at /media/backup");
    }
    const FakeFile mounts("/proc/1/mountinfo", "30 22 8:16 / /mnt ro - iso9660 /dev/sdb ro\n");
    CHECK(Stick().use() == "/dev/sdb is mounted at /mnt");
}

TEST_CASE("a mount point with a blank in it is shown with the blank") {
    const FakeFile swaps("/proc/swaps", no_swap);
    const FakeFile mounts("/proc/1/mountinfo",
                          "30 22 8:17 / /media/My\\040Disk rw - vfat /dev/sdb1 rw\n");
    CHECK(Stick().use() == "/dev/sdb1 is mounted at /media/My Disk");
}

TEST_CASE("a hostile mount point is shown harmless") {
    const FakeFile swaps("/proc/swaps", no_swap);
    const FakeFile mounts("/proc/1/mountinfo",
                          "30 22 8:17 / /media/\x1b[31mred\xff rw - vfat /dev/sdb1 rw\n");
    CHECK(Stick().use() == "/dev/sdb1 is mounted at /media/\\x1b[31mred\\xff");
}

TEST_CASE("a stick with swap on it is in use") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    {
        const FakeFile swaps("/proc/swaps",
                             std::string(no_swap) + "/dev/sdb1      partition\t1024\t0\t-2\n");
        CHECK(Stick().use() == "/dev/sdb1 is swap");
    }
    const FakeFile swaps("/proc/swaps",
                         std::string(no_swap) + "/dev/sdb11     partition\t1024\t0\t-2\n");
    CHECK(Stick().use() == std::nullopt);
}

TEST_CASE("a stick that is part of something else of the host's is in use") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    const FakeFile swaps("/proc/swaps", no_swap);
    const Stick whole;
    whole.hold("", "dm-0");
    CHECK(whole.use() == "/dev/sdb is part of dm-0");
    const Stick part;
    part.hold("/sdb1", "md127");
    CHECK(part.use() == "/dev/sdb1 is part of md127");
}

TEST_CASE("a disk behind a hub is found from the hub, and links are not followed") {
    const FakeFile mounts("/proc/1/mountinfo", "30 22 8:17 / /mnt rw - vfat /dev/sdb1 rw\n");
    const FakeFile swaps("/proc/swaps", no_swap);
    const TemporaryFolder folder;
    const std::string disk = "1-4.1/1-4.1:1.0/host4/target4:0:0/4:0:0:0/block/sdb";
    folder.write(disk + "/sdb1/partition", "1\n");
    folder.write(disk + "/sdb1/dev", "8:17\n");
    CHECK(use_of(folder.path()) == "/dev/sdb1 is mounted at /mnt");
    const TemporaryFolder other;
    std::filesystem::create_directory_symlink(folder.path(), other / "subsystem");
    CHECK(use_of(other.path()) == std::nullopt);
}

TEST_CASE("a stick that the kernel does not let us have is in use, whoever has it") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    const FakeFile swaps("/proc/swaps", no_swap);
    const Stick stick;
    std::vector<std::string> asked;
    const auto second = stick.use([&](const std::string& node) {
        asked.push_back(node);
        return node == "/dev/sdb" ? EBUSY : 0;
    });
    REQUIRE(second);
    CHECK(second->is_certain);
    CHECK(second->text() ==
          "uses it: /dev/sdb is in use by the host (a file system, RAID or the like has it open "
          "exclusively)");
    CHECK(asked == std::vector<std::string>{"/dev/sdb1", "/dev/sdb"});
    const auto part = stick.use(answering(EBUSY));
    REQUIRE(part);
    CHECK(part->what.starts_with("/dev/sdb1 is in use by the host"));
}

TEST_CASE("what the host says of itself comes before what the kernel says") {
    const FakeFile swaps("/proc/swaps", no_swap);
    const FakeFile mounts("/proc/1/mountinfo", "30 22 8:16 / /mnt ro - iso9660 /dev/sdb ro\n");
    const auto use = Stick().use(answering(EBUSY));
    REQUIRE(use);
    CHECK(use->is_certain);
    CHECK(use->what == "/dev/sdb is mounted at /mnt");
}

TEST_CASE("a disk that has left, and a drive without a medium, are free") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    const FakeFile swaps("/proc/swaps", no_swap);
    for (const int code : {ENOENT, ENODEV, ENXIO, ENOMEDIUM}) {
        CAPTURE(code);
        CHECK_FALSE(Stick().use(answering(code)));
    }
    CHECK(claim_block_device("/dev/no-such-disk") == ENOENT);
}

TEST_CASE("where nobody can tell, that is said, and not that the host uses it") {
    const FakeFile mounts("/proc/1/mountinfo", root_only);
    const FakeFile swaps("/proc/swaps", no_swap);
    const Stick stick;
    for (const int code : {EACCES, EPERM, EIO}) {
        CAPTURE(code);
        const auto use = stick.use(answering(code));
        REQUIRE(use);
        CHECK_FALSE(use->is_certain);
    }
    CHECK(stick.use(answering(EPERM))->text() ==
          "may use it: Cannot open /dev/sdb: Operation not permitted");
    // One disk that is taken is enough.
    const auto both =
        stick.use([](const std::string& node) { return node == "/dev/sdb1" ? EACCES : EBUSY; });
    REQUIRE(both);
    CHECK(both->is_certain);
}

TEST_CASE("unknown mounts count for a disk that cannot be opened, and only for it") {
    const FakeFile swaps("/proc/swaps", no_swap);
    const FakeFile mounts("/proc/1/mountinfo", std::string((std::size_t{16} << 20U) + 1, ' '));
    const Stick stick;
    CHECK_FALSE(stick.use(free_for_us));
    const auto unknown = stick.use(answering(ENOENT));
    REQUIRE(unknown);
    CHECK_FALSE(unknown->is_certain);
    CHECK(unknown->what == "/proc/1/mountinfo is larger than 16777216 bytes");
}

TEST_CASE("a folder that cannot be looked into may have a disk in it") {
    const TemporaryFolder folder;
    // Longer than a path may be, as root may look into all folders.
    const std::string deep = folder.path() + std::string(5000, '/');
    const auto use = host_use(deep, free_for_us);
    REQUIRE(use);
    CHECK_FALSE(use->is_certain);
    CHECK(use->what == "Cannot look into " + deep + ": File name too long");
}
