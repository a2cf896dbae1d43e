// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/in_use.h"

#include "base/file.h"
#include "base/handles.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "host/state.h"
#include "model/config.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <thread>
#include <vector>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t proc_file_max = std::size_t{16} << 20U;

struct BlockDevice {
    std::string name; ///< "sdb1"
    fs::path folder;

    [[nodiscard]] std::string node() const { return "/dev/" + name; }
};

/// Whether an error says that the device, or a part of it, was unplugged meanwhile.
bool is_gone(int code) {
    return code == ENOENT || code == ENODEV || code == ENXIO;
}

/// Disks and partitions below a USB device: each has its folder ".../block/sdb" with ".../sdb1"
/// inside.
struct Walk {
    std::vector<BlockDevice> found; ///< a disk is before its partitions
    std::string problem;            ///< why a folder could not be looked into

    /// Depth is bounded: hub, device, interface, SCSI host, target, unit, block, disk, partition.
    void look_into(const fs::path& folder, int depth = 0) {
        std::error_code error;
        fs::directory_iterator entries(folder, error);
        for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
            std::error_code ignored;
            if (depth > 9 || entries->is_symlink(ignored) || !entries->is_directory(ignored)) {
                continue;
            }
            const fs::path& path = entries->path();
            if (folder.filename() == "block" || fs::exists(path / "partition", ignored)) {
                found.push_back({path.filename().string(), path});
            }
            look_into(path, depth + 1);
        }
        if (error && !is_gone(error.value())) {
            problem = "Cannot look into " + folder.string() + ": " + error.message();
        }
    }
};

/// mountinfo writes blanks and the like as "\040" (proc(5)).
std::string decode_octal(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto byte = text[0] == '\\' && text.size() >= 4
                              ? parse_number(text.substr(1, 3), 8, 0xff)
                              : std::nullopt;
        out += byte ? static_cast<char>(*byte) : text[0];
        text.remove_prefix(byte ? 4 : 1);
    }
    return out;
}

std::string first_entry(const fs::path& folder) {
    std::error_code error;
    const fs::directory_iterator entries(folder, error);
    return error || entries == fs::directory_iterator() ? std::string()
                                                        : entries->path().filename().string();
}

/// What is built on a block device: "md0", or of the device mapper (LVM, dm-crypt) the name that it
/// is known by, too: "vault (dm-0)".
std::string holder_of(const BlockDevice& device) {
    const std::string holder = first_entry(device.folder / "holders");
    const std::string name =
        holder.empty()
            ? ""
            : read_file(device.folder / "holders" / holder / "dm" / "name", 1024).value_or("");
    return name.empty() ? holder : std::string(trim(name)) + " (" + holder + ")";
}

/// What the host says itself that it does with a block device.
std::optional<std::string> said_use(const BlockDevice& device, const std::string& mounts,
                                    const std::string& swaps) {
    const std::string number = read_file(device.folder / "dev", 64).value_or("");
    if (const auto where = mounted_at(mounts, device.name, std::string(trim(number)))) {
        return device.node() + " is mounted at " + printable(*where);
    }
    if (swaps.find(device.node() + " ") != std::string::npos) {
        return device.node() + " is swap";
    }
    if (const std::string holder = holder_of(device); !holder.empty()) {
        return device.node() + " is part of " + printable(holder);
    }
    return std::nullopt;
}

/// A disk on a USB device that a guest has as a disk. The hypervisor has it open, but not so that
/// the kernel would say.
std::optional<HostUse> given_disk(const std::string& syspath) {
    for (const AttachRecord& record : State(state_folder()).records()) {
        if (!record.cut_off && record.syspath.starts_with(syspath + "/") &&
            plug_id(record.syspath) == record.plug) {
            return HostUse{unescape_path(record.instance).value_or(record.instance) +
                           " is given to " + record.guest + " as a disk"};
        }
    }
    return std::nullopt;
}

/// Whoever else has it, the kernel knows. `silence` is why the mounts are not known; it counts only
/// for a disk that cannot be opened: one that can be is not mounted.
std::optional<HostUse> taken(const BlockDevice& device, const Claim& claim,
                             const std::string& silence) {
    const int code = claim(device.node());
    if (code == 0) {
        return std::nullopt;
    }
    if (code == EBUSY) {
        return HostUse{device.node() + " is in use by the host (a file system, RAID or the like "
                                       "has it open exclusively)"};
    }
    if (is_gone(code) || code == ENOMEDIUM) {
        return silence.empty() ? std::nullopt : std::optional(HostUse{silence, false});
    }
    return HostUse{"Cannot open " + device.node() + ": " + std::strerror(code), false};
}

} // namespace

std::optional<std::string> mounted_at(const std::string& mountinfo, const std::string& disk,
                                      const std::string& major_minor) {
    for (const std::string_view line : split(mountinfo, '\n')) {
        // 36 35 98:0 /root /mountpoint options ... - type source superoptions
        const auto fields = split(line, ' ');
        const std::size_t dash = line.find(" - ");
        if (fields.size() < 7 || dash == std::string_view::npos) {
            continue;
        }
        const auto after = split(line.substr(dash + 3), ' ');
        // btrfs shows a device number of its own; its source names the disk.
        if (fields[2] == major_minor || (after.size() > 1 && after[1] == "/dev/" + disk)) {
            return decode_octal(fields[4]);
        }
    }
    return std::nullopt;
}

std::string HostUse::text() const {
    return (is_certain ? "uses it: " : "may use it: ") + what;
}

UniqueFd hold_block_device(const std::string& node, bool exclusively) {
    // Others have it so for a moment, too: udev's cdrom_id, mkfs, or we in another process.
    constexpr int attempts = 5;
    constexpr auto pause = std::chrono::milliseconds(200);
    const int exclusive = exclusively ? O_EXCL : 0;
    for (int attempt = 1;; ++attempt) {
        // O_NONBLOCK: a drive need not have a medium.
        UniqueFd fd(open(node.c_str(), O_RDONLY | exclusive | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (fd || (errno != EBUSY && errno != EINTR) || attempt == attempts) {
            return fd;
        }
        std::this_thread::sleep_for(pause);
    }
}

int claim_block_device(const std::string& node) {
    return hold_block_device(node, true) ? 0 : errno;
}

std::optional<HostUse> host_use(const std::string& syspath, const Claim& claim) {
    Walk walk;
    if (const fs::path folder = syspath; folder.parent_path().filename() == "block") {
        walk.found.push_back({folder.filename().string(), folder});
    }
    walk.look_into(syspath);
    if (auto given = given_disk(syspath)) {
        return given;
    }
    std::optional<HostUse> unknown;
    if (!walk.problem.empty()) {
        unknown = HostUse{walk.problem, false};
    }
    if (walk.found.empty()) {
        return unknown;
    }
    // The mounts of the first process are the host's; our own service may see fewer.
    const auto mounts = read_file("/proc/1/mountinfo", proc_file_max);
    const std::string swaps = read_file("/proc/swaps", proc_file_max).value_or("");
    for (const BlockDevice& device : walk.found) {
        if (auto use = said_use(device, mounts.value_or(""), swaps)) {
            return HostUse{std::move(*use)};
        }
    }
    // A disk is as taken as its partitions are: these first, which say more.
    std::reverse(walk.found.begin(), walk.found.end());
    for (const BlockDevice& device : walk.found) {
        auto use = taken(device, claim, mounts ? "" : mounts.error().message);
        if (use && use->is_certain) {
            return use;
        }
        if (use) {
            unknown = std::move(use);
        }
    }
    return unknown;
}

} // namespace usb_hotplug
