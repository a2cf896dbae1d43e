// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/in_force.h"

#include "support.h"

#include <doctest/doctest.h>
#include <filesystem>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

constexpr const char* first = "# first\n[[usb]]\nport = \"1-1\"\n";
constexpr const char* second = "# second\n[[usb]]\nport = \"1-2\"\n";

/// A machine's root folder with one guest's file.
struct Root {
    TemporaryFolder folder;
    EnvironmentVariable variable{"USB_HOTPLUG_ROOT", folder.path()};
    std::string file = "etc/usb-hotplug/win10.toml";
    std::string kept = "run/usb-hotplug/in-force/win10.toml";

    Root() { folder.write(file, first); }

    [[nodiscard]] Guest guest() const {
        const Configuration configuration = load_configuration();
        REQUIRE(configuration.guests.size() == 1);
        return configuration.guests[0];
    }
};

} // namespace

TEST_CASE("a file in order is kept as it is, and its next version too") {
    const Root root;
    CHECK(keep_in_force(root.guest()));
    CHECK(content_of(root.folder / root.kept) == first);
    root.folder.write(root.file, second);
    CHECK(keep_in_force(root.guest()));
    CHECK(content_of(root.folder / root.kept) == second);
}

TEST_CASE("what is kept of a private file is private") {
    namespace fs = std::filesystem;
    const auto mode_of = [](const std::string& path) { return fs::status(path).permissions(); };
    const Root root;
    const std::string kept = root.folder / root.kept;
    fs::permissions(root.folder / root.file, fs::perms(0600));
    CHECK(keep_in_force(root.guest()));
    CHECK(mode_of(kept) == fs::perms(0600));
    // Also when no more than the mode has changed.
    fs::permissions(root.folder / root.file, fs::perms(0644));
    CHECK(keep_in_force(root.guest()));
    CHECK(mode_of(kept) == fs::perms(0644));
    fs::permissions(root.folder / root.file, fs::perms(0640));
    CHECK(keep_in_force(root.guest()));
    CHECK(mode_of(kept) == fs::perms(0640));
}

TEST_CASE("a broken file leaves what is kept, which is in force then") {
    const Root root;
    const Guest before = root.guest();
    CHECK(keep_in_force(before));
    root.folder.write(root.file, "[[usb]\n");
    CHECK(keep_in_force(before));
    CHECK(content_of(root.folder / root.kept) == first);
    CHECK(root.guest().file == root.folder / root.kept);
    CHECK(keep_in_force(root.guest()));
    CHECK(content_of(root.folder / root.kept) == first);
    CHECK_FALSE(load_configuration().errors_of("win10").empty());
}

TEST_CASE("what is forgotten is in force no more") {
    const Root root;
    CHECK(keep_in_force(root.guest()));
    root.folder.write(root.file, "[[usb]\n");
    CHECK(forget_in_force("win10"));
    CHECK(load_configuration().guests.empty());
    CHECK(forget_in_force("win10"));
}

TEST_CASE("where nothing can be written it is an error that names the file") {
    const Root root;
    root.folder.write("run/usb-hotplug/in-force", "a file where the folder should be");
    const auto kept = keep_in_force(root.guest());
    REQUIRE_FALSE(kept);
    CHECK(kept.error().message.find(root.folder / root.kept) != std::string::npos);
}
