// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A folder that looks like a part of /sys, and is removed at the end.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace usb_hotplug::rule_test {

class FakeSysfs {
public:
    FakeSysfs() {
        std::string name = std::filesystem::temp_directory_path() / "sysfs-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        root_ = name;
    }
    ~FakeSysfs() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    FakeSysfs(const FakeSysfs&) = delete;
    FakeSysfs& operator=(const FakeSysfs&) = delete;

    /// The full path of one below the root.
    [[nodiscard]] std::string operator/(const std::string& path) const { return root_ / path; }

    void folder(const std::string& path) const {
        std::filesystem::create_directories(root_ / path);
    }
    void link(const std::string& path, const std::string& target) const {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::filesystem::create_symlink(target, root_ / path);
    }
    void unlink(const std::string& path) const { std::filesystem::remove(root_ / path); }
    /// Two ports that are one connector.
    void peers(const std::string& one, const std::string& other) const {
        link(one + "/peer", root_ / other);
        link(other + "/peer", root_ / one);
    }

private:
    std::filesystem::path root_;
};

} // namespace usb_hotplug::rule_test
