// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/in_use.h"

#include "base/file.h"
#include "base/text.h"

#include <filesystem>
#include <vector>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t proc_file_max = std::size_t{16} << 20U;

struct BlockDevice {
    std::string name; ///< "sdb1"
    fs::path folder;
};

/// Disks and partitions below a USB device: each has its folder ".../block/sdb" with ".../sdb1"
/// inside. Depth is bounded: hub, device, interface, SCSI host, target, unit, block, disk,
/// partition.
std::vector<BlockDevice> block_devices(const std::string& syspath) {
    std::vector<BlockDevice> found;
    std::error_code error;
    fs::recursive_directory_iterator entries(syspath, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
        std::error_code ignored;
        if (entries->is_symlink(ignored) || !entries->is_directory(ignored) ||
            entries.depth() > 9) {
            entries.disable_recursion_pending();
            continue;
        }
        const fs::path& path = entries->path();
        if (path.parent_path().filename() == "block" || fs::exists(path / "partition", ignored)) {
            found.push_back({path.filename().string(), path});
        }
    }
    return found;
}

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

std::optional<std::string> host_use(const std::string& syspath) {
    const std::vector<BlockDevice> devices = block_devices(syspath);
    if (devices.empty()) {
        return std::nullopt;
    }
    // The mounts of the first process are the host's; our own service may see fewer.
    const std::string mounts = read_file("/proc/1/mountinfo", proc_file_max).value_or("");
    const std::string swaps = read_file("/proc/swaps", proc_file_max).value_or("");
    for (const BlockDevice& device : devices) {
        const std::string node = "/dev/" + device.name;
        const std::string number = read_file(device.folder / "dev", 64).value_or("");
        if (const auto where = mounted_at(mounts, device.name, std::string(trim(number)))) {
            return node + " is mounted at " + printable(*where);
        }
        if (swaps.find(node + " ") != std::string::npos) {
            return node + " is swap";
        }
        if (const std::string holder = first_entry(device.folder / "holders"); !holder.empty()) {
            return node + " is part of " + printable(holder);
        }
    }
    return std::nullopt;
}

} // namespace usb_hotplug
