// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finding the configuration files. What is in them is parse.cpp's business.

#include "model/config.h"

#include "base/file.h"
#include "base/text.h"
#include "base/unit_name.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>

namespace usb_hotplug {

namespace {

std::string below_root(std::string_view path) {
    const char* root = std::getenv("USB_HOTPLUG_ROOT");
    return std::string(root == nullptr ? "" : root) + std::string(path);
}

/// Guest name to file, for all folders; the earlier folder wins.
std::map<std::string, std::string> find_files(const std::vector<std::string>& folders,
                                              std::vector<ConfigError>& errors) {
    std::map<std::string, std::string> files;
    for (const std::string& folder : folders) {
        std::error_code error;
        std::filesystem::directory_iterator entries(folder, error);
        if (error && error.value() != ENOENT) {
            errors.push_back({"", folder, 0, 0, "cannot be read: " + error.message()});
        }
        for (; !error && entries != std::filesystem::directory_iterator();
             entries.increment(error)) {
            const auto& path = entries->path();
            if (path.extension() == ".toml") {
                files.try_emplace(path.stem().string(), path.string());
            }
        }
    }
    return files;
}

/// Why a file of this name can be no guest's; empty if it can.
std::string mistake_in_name(const std::string& name) {
    if (!is_guest_name(name)) {
        return "the file's name is the guest's name in units, so it can have letters, digits and "
               "\":_.-@\" only; rename the file and say domain = \"...\" in [guest]";
    }
    if (name == "host") {
        return "no guest can be called 'host'; rename the file and say domain = \"host\" in "
               "[guest]";
    }
    return {};
}

/// Why a listed file cannot be read, without its name; empty for one that vanished since: it was
/// never there.
std::string unreadable(const std::string& file, const Error& error) {
    std::error_code ignored;
    switch (error.code) {
    case ENOENT:
        return std::filesystem::is_symlink(file, ignored)
                   ? "is a link to a file that does not exist"
                   : "";
    case EFBIG:
        return "is larger than " + std::to_string(configuration_file_max / 1024) + " KiB";
    case EINVAL:
        return "is not a file";
    default:
        return std::string("cannot be read: ") + std::strerror(error.code);
    }
}

/// Adds the guest of a file, or its mistakes.
void read_guest(const std::string& name, const std::string& file, Configuration& configuration) {
    const auto content = read_file(file, configuration_file_max);
    if (content) {
        parse_guest(name, file, *content, configuration);
    } else if (const std::string why = unreadable(file, content.error()); !why.empty()) {
        configuration.errors.push_back({name, file, 0, 0, why});
    }
}

} // namespace

std::string ConfigError::text() const {
    std::string where = printable(file, 1024);
    if (line > 0) {
        where += ":" + std::to_string(line) + ":" + std::to_string(column);
    }
    return where + ": " + message;
}

std::vector<Guest> Configuration::in_order() const {
    std::vector<Guest> found;
    std::copy_if(guests.begin(), guests.end(), std::back_inserter(found),
                 [&](const Guest& guest) { return errors_of(guest.name).empty(); });
    return found;
}

const Guest* Configuration::find(std::string_view name) const {
    const auto found = std::find_if(guests.begin(), guests.end(),
                                    [&](const Guest& guest) { return guest.name == name; });
    return found == guests.end() ? nullptr : &*found;
}

std::string Configuration::errors_of(std::string_view guest) const {
    std::vector<std::string> lines;
    for (const ConfigError& error : errors) {
        if (error.guest == guest) {
            lines.push_back(error.text());
        }
    }
    return join(lines, "\n");
}

Configuration load_configuration(const std::vector<std::string>& folders,
                                 const std::string& in_force) {
    Configuration configuration;
    for (const auto& [name, file] : find_files(folders, configuration.errors)) {
        if (const std::string mistake = mistake_in_name(name); !mistake.empty()) {
            configuration.errors.push_back({name, file, 0, 0, mistake});
            continue;
        }
        const std::size_t before = configuration.errors.size();
        read_guest(name, file, configuration);
        if (configuration.errors.size() > before && !in_force.empty()) {
            Configuration kept;
            const std::filesystem::path kept_file = std::filesystem::path(in_force) / name;
            read_guest(name, kept_file.string().append(".toml"), kept);
            std::move(kept.guests.begin(), kept.guests.end(),
                      std::back_inserter(configuration.guests));
        }
    }
    return configuration;
}

Configuration load_configuration() {
    return load_configuration(configuration_folders(), in_force_folder());
}

std::vector<std::string> configuration_folders() {
    return {below_root("/etc/usb-hotplug"), below_root("/run/usb-hotplug"),
            below_root("/usr/lib/usb-hotplug")};
}

std::string in_force_folder() {
    return state_folder() + "/in-force";
}

std::string state_folder() {
    return below_root("/run/usb-hotplug");
}

} // namespace usb_hotplug
