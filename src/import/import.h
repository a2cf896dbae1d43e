// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What people have from other tools, as configuration files of this one. Pure: text in, TOML out,
// and nothing in the text is ever run. The text is hostile: what becomes of it is quoted, and what
// cannot be said in TOML is said in a comment where it would have been.

#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug::imports {

/// A file to import is at most this long.
inline constexpr std::size_t source_max = std::size_t{1} << 20U;

enum class Format {
    Vhotplug,          ///< the JSON configuration of vhotplug
    LibvirtUsbHotplug, ///< libvirt-usb-hotplug.conf, assignments of bash
    UsbSerial,         ///< a usb-serial list: "usb-051d:0002 guest"
    Udev,              ///< udev rules that run usb-libvirt-hotplug.sh
};

/// "vhotplug", "libvirt-usb-hotplug", "usb-serial" or "udev"; nothing for any other word.
std::optional<Format> format_named(std::string_view name);

/// The names of all formats.
const std::vector<std::string>& format_names();

/// A text to import, and the name of its file for messages.
struct Source {
    std::string file;
    std::string text;
};

/// What the text looks like; nothing when it looks like none.
std::optional<Format> detect(std::string_view text);

/// One configuration file.
struct GuestFile {
    std::string guest; ///< a valid name of a guest: the file is guest + ".toml"
    std::string toml;
    std::vector<std::string> notes; ///< what is not the same as before; `toml` says it, too
};

struct Imported {
    std::vector<GuestFile> files;   ///< in the order in which the guests appear
    std::string remarks;            ///< comment lines that concern none of the guests
    std::vector<std::string> notes; ///< what of these is not carried over
};

/// Reads the texts, each of `format` or else of what it looks like, as if they were one. An error
/// is about the first mistake, "file:line:column: message".
Result<Imported> import_sources(const std::vector<Source>& sources, std::optional<Format> format);

/// `text` as comment lines of a terminal's width, each with "# " before it.
std::string comment_lines(std::string_view text);

} // namespace usb_hotplug::imports
