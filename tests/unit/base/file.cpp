// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of base/file: bounds, what is missing, and that a written file is there whole.

#include "base/file.h"

#include "support.h"

#include <cerrno>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/stat.h>

using namespace usb_hotplug;
using test::content_of;
using test::names_in;
using test::TemporaryFolder;

namespace {

mode_t mode_of(const std::string& path) {
    struct stat status = {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

} // namespace

TEST_CASE("a file is read whole up to the limit, and not beyond") {
    const TemporaryFolder folder;
    const std::string file = folder.write("file", "12345");
    CHECK(read_file(file, 5).value() == "12345");
    CHECK(read_file(file, 100).value() == "12345");
    const auto too_long = read_file(file, 4);
    REQUIRE_FALSE(too_long);
    CHECK(too_long.error().code == EFBIG);
    CHECK(too_long.error().message == file + " is larger than 4 bytes");
    CHECK_FALSE(read_file(file, 0));
}

TEST_CASE("an empty file and one with any byte are read as they are") {
    const TemporaryFolder folder;
    CHECK(read_file(folder.write("empty", ""), 0).value().empty());
    const std::string bytes("\0\n\xff\\", 4);
    CHECK(read_file(folder.write("bytes", bytes), 10).value() == bytes);
}

TEST_CASE("a file without a length of its own is bounded too") {
    const auto endless = read_file("/dev/zero", 1000);
    REQUIRE_FALSE(endless);
    CHECK(endless.error().code == EFBIG);
    CHECK_FALSE(read_file("/proc/self/status", 100000).value().empty());
}

TEST_CASE("a missing file, and a folder, are errors that say so") {
    const TemporaryFolder folder;
    const auto missing = read_file(folder / "missing", 10);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ENOENT);
    CHECK(missing.error().message ==
          "Cannot open " + (folder / "missing") + ": No such file or directory");
    const auto a_folder = read_file(folder.path(), 10);
    REQUIRE_FALSE(a_folder);
    CHECK(a_folder.error().code == EINVAL);
    CHECK(a_folder.error().message == folder.path() + " is not a file");
}

TEST_CASE("a file is written with the folders it needs, and nothing is left beside it") {
    const TemporaryFolder folder;
    const std::string file = folder / "a/b/file";
    const mode_t before = umask(022);
    REQUIRE(write_file(file, "one\n"));
    umask(before);
    CHECK(content_of(file) == "one\n");
    CHECK(names_in(folder / "a/b") == std::vector<std::string>{"file"});
    CHECK(mode_of(file) == 0644);
    CHECK(mode_of(folder / "a/b") == 0755);
}

TEST_CASE("a file is written with the mode that is asked for, whatever was left beside it") {
    const TemporaryFolder folder;
    const std::string file = folder / "file";
    folder.write("file.new", "half");
    const mode_t before = umask(027);
    REQUIRE(write_file(file, "one\n", 0604));
    umask(before);
    CHECK(content_of(file) == "one\n");
    CHECK(mode_of(file) == 0604);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"file"});
}

TEST_CASE("a written file replaces the one before, also with nothing") {
    const TemporaryFolder folder;
    const std::string file = folder.write("file", "something much longer");
    REQUIRE(write_file(file, "short"));
    CHECK(content_of(file) == "short");
    REQUIRE(write_file(file, ""));
    CHECK(content_of(file).empty());
}

TEST_CASE("replacing a file is atomic: who has the old one open keeps it") {
    const TemporaryFolder folder;
    const std::string file = folder.write("file", "old");
    const std::string link = folder / "link";
    std::filesystem::create_hard_link(file, link);
    REQUIRE(write_file(file, "new"));
    CHECK(content_of(file) == "new");
    CHECK(content_of(link) == "old");
}

TEST_CASE("what a cut-off write left is no obstacle, and a link there is not followed") {
    const TemporaryFolder folder;
    const std::string file = folder / "file";
    folder.write("file.new", "half");
    REQUIRE(write_file(file, "whole"));
    CHECK(content_of(file) == "whole");
    const std::string precious = folder.write("precious", "precious");
    std::filesystem::create_symlink(precious, file + ".new");
    const auto written = write_file(file, "x");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ELOOP);
    CHECK(content_of(precious) == "precious");
    CHECK(content_of(file) == "whole");
}

TEST_CASE("a failed write says where and leaves nothing behind") {
    const TemporaryFolder folder;
    const std::string file = folder.write("file", "I am a file");
    const auto below_a_file = write_file(file + "/sub/file", "x");
    REQUIRE_FALSE(below_a_file);
    CHECK(below_a_file.error().code == ENOTDIR);
    CHECK(below_a_file.error().message ==
          "Cannot make the folder of " + file + "/sub/file: Not a directory");
    folder.folder("folder");
    const auto over_a_folder = write_file(folder / "folder", "x");
    REQUIRE_FALSE(over_a_folder);
    CHECK(over_a_folder.error().code == EISDIR);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"file", "folder"});
}

TEST_CASE("a created file is there as a whole, and replaces nothing") {
    const TemporaryFolder folder;
    const std::string file = folder / "a/file";
    REQUIRE(create_file(file, "one\n"));
    CHECK(content_of(file) == "one\n");
    const auto again = create_file(file, "two\n");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == EEXIST);
    CHECK(again.error().message == "Cannot rename to " + file + ": File exists");
    CHECK(content_of(file) == "one\n");
    CHECK(names_in(folder / "a") == std::vector<std::string>{"file"});
}

TEST_CASE("a sysfs attribute is written in place, and never made") {
    const TemporaryFolder folder;
    const std::string file = folder.write("attribute", "");
    const std::string link = folder / "link";
    std::filesystem::create_hard_link(file, link);
    REQUIRE(write_sysfs(file, "1-4:1.0"));
    CHECK(content_of(link) == "1-4:1.0");
    const auto missing = write_sysfs(folder / "missing", "x");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ENOENT);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"attribute", "link"});
}

TEST_CASE("removing a missing file is fine, removing a folder is not") {
    const TemporaryFolder folder;
    const std::string file = folder.write("file", "x");
    CHECK(remove_file(file));
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(remove_file(file));
    folder.folder("folder");
    const auto removed = remove_file(folder / "folder");
    REQUIRE_FALSE(removed);
    CHECK(removed.error().code == EISDIR);
    CHECK(removed.error().message.starts_with("Cannot remove " + (folder / "folder") + ": "));
}
