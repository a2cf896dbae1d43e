// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Devices as text, to decide about them on another machine. The format is umockdev-record's
// (https://github.com/martinpitt/umockdev, README and src/umockdev.vala): for each device a line
// "P: /devices/..." and then, up to an empty line,
//
//     N: bus/usb/001/005            its node below /dev; "=" and hexadecimal content may follow
//     S: disk/by-id/...             another name of the node
//     E: ID_VENDOR_ID=046d          a udev property
//     A: speed=480\n                a sysfs attribute, escaped as in C
//     H: descriptors=1201...        one that is not text, in hexadecimal
//     L: driver=../bus/usb/...      a symbolic link in the device's folder
//
// Pure.

#pragma once

#include "base/result.h"
#include "model/device.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

/// One device of a description. Strings are as the device gave them: hostile.
struct DescribedDevice {
    using Texts = std::map<std::string, std::string, std::less<>>;

    std::string path;      ///< its folder below /sys: "/devices/pci0000:00/.../usb1/1-4"
    std::string node;      ///< below /dev: "bus/usb/001/005"; may be empty
    Properties properties; ///< without DEVPATH, which is `path`
    Texts attributes;      ///< name or "folder/name" to the file's content
    Texts links;           ///< name or "folder/name" to where the link leads
};

using Description = std::vector<DescribedDevice>;

/// No description is read that is larger, in bytes: one of a whole machine is under 1 MiB.
inline constexpr std::size_t description_max = std::size_t{4} << 20U;

/// The text. What the format cannot hold (a property with a control character or of other than
/// UTF-8, a name with "=") is left out, and named in `left_out`: "ID_X of /devices/...".
std::string write_description(const Description& description,
                              std::vector<std::string>* left_out = nullptr);

/// Reads a text, strictly: every line must be one of those above, of valid UTF-8, and about
/// something that was not said before; no path leads out of its folder. The error is
/// "FILE:LINE: what". `file` is for that alone.
Result<Description> parse_description(const std::string& file, std::string_view content);

/// The USB devices of a description but its root hubs, in its order, with all that rules can ask
/// about them. A device that is not described well enough (describe()) is left out.
std::vector<Device> described_devices(const Description& description);

} // namespace usb_hotplug
