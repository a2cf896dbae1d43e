// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Reading the configuration: one TOML file per guest, checked strictly. A broken file takes its
// own guest out, and no other; usb-hotplug.toml(5) describes the format.

#pragma once

#include "base/result.h"
#include "model/rule.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

/// What kind of mistake it is.
enum class Mistake {
    File,    ///< the file cannot be read, or is called what no guest can be called
    Syntax,  ///< it is not TOML
    Key,     ///< there is no such key
    Type,    ///< a value is of another type than the key wants
    Value,   ///< a value of the right type says nothing that the key can mean
    NoRegex, ///< a regular expression, and the module that knows them is missing
};

/// One mistake in a file. Line and column count from 1; 0 means the file as a whole.
struct ConfigError {
    std::string guest;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string message;
    Mistake mistake = Mistake::File;

    /// "/etc/usb-hotplug/win10.toml:3:1: unknown key 'prot' in [[usb]]; did you mean 'port'?"
    [[nodiscard]] std::string text() const;
};

/// All guests whose files are in order, by name, and the mistakes in all others.
struct Configuration {
    std::vector<Guest> guests;
    std::vector<ConfigError> errors;

    /// The guests without those that have mistakes in their file, and rules of an earlier one.
    [[nodiscard]] std::vector<Guest> in_order() const;
    [[nodiscard]] const Guest* find(std::string_view name) const;
    /// The mistakes of one guest's file, one to a line; empty when it has none.
    [[nodiscard]] std::string errors_of(std::string_view guest) const;
};

/// Checks one guest's file. Adds to `configuration` the guest, or all mistakes found.
void parse_guest(const std::string& name, const std::string& file, std::string_view content,
                 Configuration& configuration);

/// A configuration file is at most this long, in bytes.
inline constexpr std::size_t configuration_file_max = std::size_t{4} << 20U;

/// Reads every "<guest>.toml" in these folders; one in an earlier folder replaces the same name in
/// a later one. A missing folder is empty. For a guest whose file is broken the file of that name
/// in `in_force` counts, if there is one: then it has mistakes and rules.
Configuration load_configuration(const std::vector<std::string>& folders,
                                 const std::string& in_force = {});

/// The configuration as it is on this machine now.
Configuration load_configuration();

/// Where the watchers keep the last version of each file that was in order:
/// /run/usb-hotplug/in-force, below $USB_HOTPLUG_ROOT if that is set.
std::string in_force_folder();

/// The folders of the configuration, first wins: /etc/usb-hotplug, /run/usb-hotplug and
/// /usr/lib/usb-hotplug, all below $USB_HOTPLUG_ROOT if that is set.
std::vector<std::string> configuration_folders();

/// The folder of what start did, for stop: /run/usb-hotplug, below $USB_HOTPLUG_ROOT if set.
std::string state_folder();

} // namespace usb_hotplug
