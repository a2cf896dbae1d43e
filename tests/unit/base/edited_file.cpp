// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of base/edited_file: the whole file or nothing, through no link, under nobody's hands.

#include "base/edited_file.h"

#include "support.h"

#include <cerrno>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/stat.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

constexpr std::size_t max = 1000;

EditedFile opened(const std::string& path) {
    auto file = EditedFile::open(path, max);
    const std::string message = file ? "" : file.error().message;
    CAPTURE(message);
    REQUIRE(file);
    return std::move(*file);
}

mode_t mode_of(const std::string& path) {
    struct stat status = {};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

} // namespace

TEST_CASE("a file is replaced, with its mode, and nothing is left beside it") {
    const TemporaryFolder folder;
    const std::string path = folder.write("win10.toml", "old");
    REQUIRE(chmod(path.c_str(), 0640) == 0);
    EditedFile file = opened(path);
    CHECK(file.exists());
    CHECK(file.content() == "old");
    REQUIRE(file.replace("new"));
    CHECK(content_of(path) == "new");
    CHECK(mode_of(path) == 0640);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"win10.toml"});
}

TEST_CASE("a file that is not there is made, and its folders") {
    const TemporaryFolder folder;
    const std::string path = folder / "etc/usb-hotplug/win10.toml";
    EditedFile file = opened(path);
    CHECK_FALSE(file.exists());
    CHECK(file.content().empty());
    REQUIRE(file.replace("new"));
    CHECK(content_of(path) == "new");
    CHECK(mode_of(path) == 0644);
}

TEST_CASE("links and what is no file are not touched") {
    const TemporaryFolder folder;
    const std::string target = folder.write("target", "old");
    std::filesystem::create_symlink(target, folder / "link");
    std::filesystem::create_symlink(folder / "nothing", folder / "dangling");
    (void)folder.folder("folder");
    REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
    for (const char* name : {"link", "dangling"}) {
        CAPTURE(name);
        const auto file = EditedFile::open(folder / name, max);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == ELOOP);
        CHECK(file.error().message.find("is a symbolic link") != std::string::npos);
    }
    for (const char* name : {"folder", "pipe"}) {
        CAPTURE(name);
        const auto file = EditedFile::open(folder / name, max);
        REQUIRE_FALSE(file);
        CHECK(file.error().message.find("is no regular file") != std::string::npos);
    }
    CHECK(content_of(target) == "old");
    const auto large = EditedFile::open(folder.write("large", std::string(max + 1, 'x')), max);
    REQUIRE_FALSE(large);
    CHECK(large.error().code == EFBIG);
}

TEST_CASE("what others do meanwhile is not undone") {
    const TemporaryFolder folder;
    const std::string path = folder.write("win10.toml", "old");
    const std::string elsewhere = folder.write("elsewhere", "precious");
    const auto check_refused = [&](EditedFile& file) {
        const auto replaced = file.replace("new");
        REQUIRE_FALSE(replaced);
        CHECK(replaced.error().message.find("changed by another program") != std::string::npos);
    };
    {
        EditedFile file = opened(path);
        (void)folder.write("win10.toml", "other");
        check_refused(file);
        CHECK(content_of(path) == "other");
    }
    {
        EditedFile file = opened(path);
        std::filesystem::remove(path);
        check_refused(file);
    }
    {
        EditedFile file = opened(path); // not there
        (void)folder.write("win10.toml", "other");
        check_refused(file);
        CHECK(content_of(path) == "other");
    }
    {
        EditedFile file = opened(path);
        std::filesystem::remove(path);
        std::filesystem::create_symlink(elsewhere, path);
        check_refused(file);
        CHECK(content_of(elsewhere) == "precious");
    }
    CHECK(names_in(folder.path()) == std::vector<std::string>{"elsewhere", "win10.toml"});
}

TEST_CASE("only one at a time") {
    const TemporaryFolder folder;
    const std::string path = folder.write("win10.toml", "old");
    {
        const EditedFile first = opened(path);
        const auto second = EditedFile::open(path, max);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == EWOULDBLOCK);
    }
    CHECK(opened(path).content() == "old");
}
