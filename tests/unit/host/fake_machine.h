// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The fake machine that on-fake-machine runs a program on: files of its /sys and /proc.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace usb_hotplug::test {

/// Where the fake machine's root folder really is.
inline std::string fake_root() {
    const char* root = std::getenv("UMOCKDEV_DIR");
    if (root == nullptr) {
        throw std::runtime_error("Run this through tests/unit/on-fake-machine");
    }
    return root;
}

/// A file of the fake machine, until the end of the scope.
class FakeFile {
public:
    FakeFile(std::string_view path, std::string_view content)
        : path_(fake_root() + std::string(path)) {
        std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
        std::ofstream(path_, std::ios::binary) << content;
    }
    FakeFile(const FakeFile&) = delete;
    FakeFile& operator=(const FakeFile&) = delete;
    ~FakeFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

private:
    std::string path_;
};

/// A symbolic link of the fake machine is not there until the end of the scope.
class FakeAbsence {
public:
    explicit FakeAbsence(std::string_view path)
        : link_(fake_root() + std::string(path)), target_(std::filesystem::read_symlink(link_)) {
        std::filesystem::remove(link_);
    }
    FakeAbsence(const FakeAbsence&) = delete;
    FakeAbsence& operator=(const FakeAbsence&) = delete;
    ~FakeAbsence() {
        std::error_code ignored;
        std::filesystem::create_symlink(target_, link_, ignored);
    }

private:
    std::filesystem::path link_;
    std::filesystem::path target_;
};

} // namespace usb_hotplug::test
