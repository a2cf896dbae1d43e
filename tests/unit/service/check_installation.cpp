// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of service/check_installation: what is missing, in the way or not loaded is found out.

#include "service/check_installation.h"

#include "model/devices_support.h"
#include "service/fakes.h"
#include "service/world.h"
#include "support.h"

#include <doctest/doctest.h>
#include <filesystem>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

namespace fs = std::filesystem;

/// The code of each, with the name of its file.
std::string codes(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        CHECK_FALSE(finding.what.empty());
        CHECK_FALSE(finding.advice.empty());
        text += (text.empty() ? "" : "; ") + finding.code;
        if (!finding.file.empty()) {
            text += " " + fs::path(finding.file).filename().string();
        }
    }
    return text;
}

/// An installation below a folder: all there, and where it is looked for.
class Installed {
public:
    Installed() {
        const std::string program = folder_.write("lib/udev/usb-hotplug-match", "#!");
        fs::permissions(program, fs::perms::owner_all);
        paths = {{folder_ / "etc/rules.d", folder_ / "run/rules.d", folder_ / "lib/udev/rules.d"},
                 folder_.write("lib/udev/rules.d/90-usb-hotplug.rules", "ours"),
                 {program}};
    }
    [[nodiscard]] std::string found() const { return codes(check_files(paths)); }
    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

    InstalledPaths paths;

private:
    TemporaryFolder folder_;
};

std::string found_of_units(const std::map<std::string, UnitFile>& files,
                           const std::vector<std::string>& guests = {"a", "b"}) {
    fresh().units_files = files;
    World world;
    std::vector<Guest> all;
    for (const std::string& name : guests) {
        all.emplace_back().name = name;
    }
    return codes(check_units(world.systemd(), all));
}

const std::string device_template = "usb-hotplug@dev-bus-usb-000-000.service";

} // namespace

TEST_CASE("an installation that is whole is in order") {
    CHECK(Installed().found().empty());
}

TEST_CASE("a rule that is not there is missing") {
    const Installed installed;
    fs::remove(installed.paths.rule);
    CHECK(installed.found() == "udev-rule-missing");
}

TEST_CASE("a rule in a folder that udev does not look into is missing, and where it is is said") {
    Installed installed;
    installed.paths.rule_folders.pop_back();
    CHECK(installed.found() == "udev-rule-missing 90-usb-hotplug.rules");
}

TEST_CASE("a file in an earlier folder overrides the rule, unless it is a copy") {
    const Installed installed;
    const std::string file = installed.folder().write("etc/rules.d/90-usb-hotplug.rules", "other");
    const auto findings = check_files(installed.paths);
    CHECK(codes(findings) == "udev-rule-overridden 90-usb-hotplug.rules");
    CHECK(findings.at(0).file == file);
    CHECK(findings.at(0).severity == Severity::Error);
    (void)installed.folder().write("etc/rules.d/90-usb-hotplug.rules", "ours");
    CHECK(installed.found().empty());
    for (const std::string target : {"/dev/null", "/nowhere"}) {
        fs::remove(file);
        fs::create_symlink(target, file);
        CHECK(installed.found() == "udev-rule-overridden 90-usb-hotplug.rules");
    }
}

TEST_CASE("a file of another name, or in a later folder, overrides nothing") {
    Installed installed;
    (void)installed.folder().write("etc/rules.d/91-usb-hotplug.rules", "other");
    installed.paths.rule_folders.push_back(installed.folder().folder("last/rules.d"));
    (void)installed.folder().write("last/rules.d/90-usb-hotplug.rules", "other");
    CHECK(installed.found().empty());
}

TEST_CASE("a program that is missing, or cannot be run, is found") {
    Installed installed;
    installed.paths.programs.push_back(installed.folder() / "usb-hotplug-worker");
    CHECK(installed.found() == "program-missing usb-hotplug-worker");
    (void)installed.folder().write("usb-hotplug-worker", "");
    CHECK(installed.found() == "program-missing usb-hotplug-worker");
}

TEST_CASE("the installed paths are absolute, and the rule is where udev looks") {
    const InstalledPaths paths = installed_paths();
    CHECK(paths.rule.starts_with("/"));
    CHECK(paths.rule.ends_with("/rules.d/90-usb-hotplug.rules"));
    CHECK(paths.rule_folders.front() == "/etc/udev/rules.d");
    REQUIRE(paths.programs.size() == 3);
    for (const std::string& program : paths.programs) {
        CHECK(program.starts_with("/"));
    }
}

TEST_CASE("devices that udev has seen without the rule are found, all in one finding") {
    const auto with = [](Properties changes) {
        changes.try_emplace("USEC_INITIALIZED", "1");
        return device_with(changes);
    };
    CHECK(check_tags({}).empty());
    CHECK(check_tags({with({{"TAGS", ":seat:systemd:"}})}).empty());
    CHECK(check_tags({with({{"TYPE", "9/0/1"}})}).empty());
    CHECK(check_tags({device_with()}).empty()); // udev has not handled it
    const auto findings =
        check_tags({with({{"DEVPATH", "/devices/usb1/1-1"}}), with({{"TAGS", ":systemd:"}}),
                    with({{"DEVPATH", "/devices/usb1/1-3"}, {"TAGS", ":seat:"}})});
    CHECK(codes(findings) == "udev-rule-not-run");
    CHECK(findings.at(0).what.find("at 1-1, 1-3, which") != std::string::npos);
    CHECK(findings.at(0).severity == Severity::Error);
}

TEST_CASE("units that systemd does not have, or not as they are, are found once for each kind") {
    CHECK(found_of_units({}).empty());
    CHECK(found_of_units({{device_template, {"not-found"}}}) == "unit-missing");
    CHECK(found_of_units({{device_template, {"error"}}}) == "unit-missing");
    CHECK(found_of_units({{"usb-hotplug@a.target", {"masked"}},
                          {"usb-hotplug@b.target", {"masked"}},
                          {"usb-hotplug-guest@b.service", {"loaded", true}}}) ==
          "unit-masked; unit-stale");
    CHECK(found_of_units({{"usb-hotplug-refresh@dev-sda.service", {"not-found"}},
                          {"usb-hotplug-sleep.service", {"not-found"}}}) ==
          "unit-missing; unit-missing");
    CHECK(found_of_units({{"usb-hotplug@none.target", {"not-found"}}}, {}) == "unit-missing");
    CHECK(found_of_units({{"usb-hotplug@none.target", {"not-found"}}}).empty());
}

TEST_CASE("who masks the unit of the sleep wants devices to sleep under their guests") {
    CHECK(found_of_units({{"usb-hotplug-sleep.service", {"masked"}}}).empty());
    CHECK(found_of_units({{"usb-hotplug-refresh@dev-sda.service", {"masked"}}}) == "unit-masked");
}

TEST_CASE("a systemd that does not answer is said once") {
    fresh().bus_answers = false;
    World world;
    const auto findings = check_units(world.systemd(), {Guest(), Guest()});
    CHECK(codes(findings) == "systemd-unreachable");
    CHECK(findings.at(0).severity == Severity::Warning);
}
