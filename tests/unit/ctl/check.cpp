// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of `usb-hotplugctl check` as it is run: on a configuration below a folder, whose guests are
// those of libvirt's test driver, which knows one guest, "test".

#include "paths.h"
#include "support.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace usb_hotplug::test;

namespace {

constexpr std::string_view known =
    "[guest]\nconnect = \"test:///default\"\ndomain = \"test\"\n[[usb]]\nid = \"dead:beef\"\n";

Ended check(const TemporaryFolder& folder, const std::vector<std::string>& options = {}) {
    const char* program = std::getenv("USB_HOTPLUGCTL");
    REQUIRE(program != nullptr);
    // The module of this build, not the installed one.
    const std::filesystem::path module = folder.path() + USB_HOTPLUG_LIBVIRT_MODULE;
    if (!std::filesystem::exists(module)) {
        std::filesystem::create_directories(module.parent_path());
        std::filesystem::create_symlink(USB_HOTPLUG_BUILT_LIBVIRT, module);
    }
    std::vector<std::string> command = {program, "check"};
    command.insert(command.end(), options.begin(), options.end());
    // No service manager, wherever this runs.
    return run_program(command, {"USB_HOTPLUG_ROOT=" + folder.path(),
                                 "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere"});
}

} // namespace

TEST_CASE("a configuration in order ends with 0") {
    const TemporaryFolder folder;
    (void)folder.write("etc/usb-hotplug/a.toml", known);
    const Ended ended = check(folder);
    CHECK(ended.status == 0);
    CHECK(ended.out == "1 guest in order, 0 errors, 0 warnings\n");
    CHECK(ended.err.empty());
}

TEST_CASE("warnings alone end with 1") {
    const TemporaryFolder folder;
    CHECK(check(folder).status == 1); // no guest
    const std::string file = folder.write("etc/usb-hotplug/a.toml",
                                          std::string(known) + "[[usb]]\nid = \"dead:beef\"\n");
    const Ended ended = check(folder);
    CHECK(ended.status == 1);
    CHECK(ended.out == file + ":6:1: warning: [[usb]] rule adds nothing: [[usb]] rule in line 4 "
                              "asks for all of it; remove it, or say more in the other "
                              "[rule-duplicate]\n1 guest in order, 0 errors, 1 warning\n");
    CHECK(ended.err.empty());
}

TEST_CASE("an error ends with 2, also beside warnings") {
    const TemporaryFolder folder;
    (void)folder.write("etc/usb-hotplug/a.toml",
                       "[guest]\nconnect = \"test:///default\"\n[[usb]]\nbus = 900\n");
    const std::string file = folder.write("etc/usb-hotplug/b.toml", "[[usb]]\nserail = \"x\"\n");
    const Ended ended = check(folder);
    CHECK(ended.status == 2);
    CHECK(ended.out.find(file + ":2:1: ") != std::string::npos);
    CHECK(ended.out.find("[config-key]\n") != std::string::npos);
    CHECK(ended.out.find("[guest-missing]\n") != std::string::npos);
}

TEST_CASE("a regular expression without the module for it is an error at the rule") {
    const TemporaryFolder folder;
    (void)folder.write(std::string(USB_HOTPLUG_REGEX_MODULE).substr(1), "not a module");
    const std::string file =
        folder.write("etc/usb-hotplug/a.toml", "[[usb]]\nserial = { regex = 'a' }\n");
    const Ended ended = check(folder);
    CHECK(ended.status == 2);
    CHECK(ended.out.starts_with(file + ":2:20: regular expressions cannot be used"));
    CHECK(ended.out.find("[regex-missing]\n") != std::string::npos);
}

TEST_CASE("a guest with a broken file is not in order, also while earlier rules are in force") {
    const TemporaryFolder folder;
    (void)folder.write("run/usb-hotplug/in-force/a.toml", known);
    (void)folder.write("etc/usb-hotplug/a.toml", "[[usb]]\nbuss = 1\n");
    const Ended ended = check(folder);
    CHECK(ended.status == 2);
    CHECK(ended.out.find("[config-kept]\n") != std::string::npos);
    CHECK(ended.out.ends_with("0 guests in order, 1 error, 0 warnings\n"));
}

TEST_CASE("with --json the same is an object, and the exit status is the same") {
    const TemporaryFolder folder;
    const std::string file = folder.write("etc/usb-hotplug/a.toml", "[[usb]]\n bus = \"1\"\n");
    const Ended ended = check(folder, {"--json"});
    CHECK(ended.status == 2);
    CHECK(ended.err.empty());
    const auto json = nlohmann::json::parse(ended.out);
    CHECK(json["guests"] == 0);
    CHECK(json["errors"] == 1);
    REQUIRE(json["findings"].size() == 1);
    CHECK(json["findings"][0]["code"] == "config-type");
    CHECK(json["findings"][0]["file"] == file);
    CHECK(json["findings"][0]["line"] == 2);
    CHECK(json["findings"][0]["column"] == 8);
}

TEST_CASE("an option that there is not is wrong usage") {
    const TemporaryFolder folder;
    CHECK(check(folder, {"--jsonn"}).status == 2);
}
