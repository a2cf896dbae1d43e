// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/check_installation.h"

#include "base/file.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "paths.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <unistd.h>

namespace usb_hotplug {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t rule_file_max = std::size_t{1} << 20U;
/// usb-hotplug-sleep.service(8) says to mask it, which is no mistake then.
constexpr const char* sleep_unit = "usb-hotplug-sleep.service";
constexpr const char* install_again = "install usb-hotplug again";

Finding finding_of(Severity severity, std::string code, std::string what, std::string advice) {
    Finding finding;
    finding.severity = severity;
    finding.code = std::move(code);
    finding.what = std::move(what);
    finding.advice = std::move(advice);
    return finding;
}

/// The file that udev takes for our rule: the first of its name, even if it is a link to nothing.
std::optional<std::string> used_rule(const InstalledPaths& paths) {
    for (const std::string& folder : paths.rule_folders) {
        const fs::path file = fs::path(folder) / fs::path(paths.rule).filename();
        std::error_code ignored;
        if (fs::exists(fs::symlink_status(file, ignored))) {
            return file;
        }
    }
    return std::nullopt;
}

Finding missing_rule(const InstalledPaths& paths) {
    std::error_code ignored;
    const fs::path rule = paths.rule;
    const bool elsewhere = fs::exists(rule, ignored);
    Finding finding = finding_of(
        Severity::Error, "udev-rule-missing",
        elsewhere ? "udev does not look for rules in " + rule.parent_path().string()
                  : "the udev rule " + rule.filename().string() + " is not installed",
        std::string(install_again) + (elsewhere ? ", with the udev folder of this system" : ""));
    finding.file = elsewhere ? paths.rule : "";
    return finding;
}

/// A copy of our rule does no harm.
bool is_ours(const std::string& file, const std::string& rule) {
    const auto used = read_file(file, rule_file_max);
    const auto ours = read_file(rule, rule_file_max);
    return file == rule || (used && ours && *used == *ours);
}

struct Template {
    std::vector<std::string> instances;
    std::string name;
};

/// Of the guests, so that those that systemd knows are looked at; without any, some instance.
std::vector<Template> templates(const std::vector<Guest>& guests) {
    Template device = {{device_unit("/dev/bus/usb/000/000")}, "usb-hotplug@.service"};
    Template target = {{}, "usb-hotplug@.target"};
    Template watcher = {{}, "usb-hotplug-guest@.service"};
    Template refresh = {{refresh_unit_of(escape_path("/dev/sda"))}, "usb-hotplug-refresh@.service"};
    Template sleep = {{sleep_unit}, sleep_unit};
    for (const Guest& guest : guests) {
        target.instances.push_back(guest_target(guest.name));
        watcher.instances.push_back(guest_watcher_unit(guest.name));
    }
    if (guests.empty()) {
        target.instances.push_back(guest_target("none"));
        watcher.instances.push_back(guest_watcher_unit("none"));
    }
    return {device, target, watcher, refresh, sleep};
}

std::optional<Finding> unit_finding(const std::string& name, const std::string& unit,
                                    const UnitFile& file) {
    if (file.load == "masked" && unit == sleep_unit) {
        return std::nullopt;
    }
    if (file.load == "masked") {
        return finding_of(Severity::Error, "unit-masked", unit + " is masked",
                          "'systemctl unmask " + unit + "' or, if all are, " + name);
    }
    if (file.load == "not-found") {
        return finding_of(Severity::Error, "unit-missing", "systemd does not find " + name,
                          std::string(install_again) +
                              ", with the unit folder of this system; then 'systemctl "
                              "daemon-reload'");
    }
    if (file.load != "loaded") {
        return finding_of(Severity::Error, "unit-missing",
                          "systemd cannot load " + unit + ": " + printable(file.load),
                          "see 'systemctl status " + unit + "'");
    }
    if (file.is_stale) {
        return finding_of(Severity::Warning, "unit-stale",
                          "the file of " + unit + " is newer than what systemd has loaded",
                          "'systemctl daemon-reload' loads it");
    }
    return std::nullopt;
}

bool has_tag(const Device& device, std::string_view tag) {
    const auto tags = device.properties.find("TAGS");
    const auto found = tags == device.properties.end() ? std::vector<std::string_view>()
                                                       : split(tags->second, ':');
    return std::find(found.begin(), found.end(), tag) != found.end();
}

} // namespace

InstalledPaths installed_paths() {
    const std::string udev = USB_HOTPLUG_UDEV_FOLDER;
    const std::string programs = USB_HOTPLUG_WORKER_FOLDER;
    // /lib counts where it is not the same as /usr/lib.
    return {{"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
             "/usr/lib/udev/rules.d", "/lib/udev/rules.d"},
            udev + "/rules.d/90-usb-hotplug.rules",
            {udev + "/usb-hotplug-match", programs + "/usb-hotplug-worker",
             programs + "/usb-hotplug-guest"}};
}

std::vector<Finding> check_files(const InstalledPaths& paths) {
    std::vector<Finding> findings;
    const auto used = used_rule(paths);
    if (!used) {
        findings.push_back(missing_rule(paths));
    } else if (!is_ours(*used, paths.rule)) {
        findings.push_back(finding_of(
            Severity::Error, "udev-rule-overridden",
            "udev reads this file in place of " + paths.rule + ", so devices can be missed or lost",
            "remove it, or give it another name; then 'udevadm control --reload'"));
        findings.back().file = *used;
    }
    for (const std::string& program : paths.programs) {
        if (access(program.c_str(), X_OK) != 0) {
            findings.push_back(finding_of(Severity::Error, "program-missing",
                                          "this program is missing or cannot be run",
                                          install_again));
            findings.back().file = program;
        }
    }
    return findings;
}

std::vector<Finding> check_tags(const std::vector<Device>& devices) {
    std::vector<std::string> ports;
    for (const Device& device : devices) {
        // What udev has not handled yet, or nobody runs it, says nothing about its rules.
        if (!device.is_hub() && device.properties.contains("USEC_INITIALIZED") &&
            !has_tag(device, "systemd")) {
            ports.push_back(device.port);
        }
    }
    if (ports.empty()) {
        return {};
    }
    return {finding_of(Severity::Error, "udev-rule-not-run",
                       "udev has not run the rule for the devices at " + join(ports) +
                           ", which were plugged in before it was there",
                       "'udevadm control --reload', then 'udevadm trigger --subsystem-match=usb'")};
}

std::vector<Finding> check_units(const Result<Systemd*>& systemd,
                                 const std::vector<Guest>& guests) {
    const auto unreachable = [](const Error& error) {
        return finding_of(Severity::Warning, "systemd-unreachable", printable(error.message, 1000),
                          "the units were not looked at");
    };
    if (!systemd) {
        return {unreachable(systemd.error())};
    }
    std::vector<Finding> findings;
    for (const Template& each : templates(guests)) {
        for (const std::string& unit : each.instances) {
            const auto file = (*systemd)->file(unit);
            if (!file) {
                findings.push_back(unreachable(file.error()));
                return findings;
            }
            if (auto finding = unit_finding(each.name, unit, *file)) {
                findings.push_back(std::move(*finding));
                break;
            }
        }
    }
    return findings;
}

} // namespace usb_hotplug
