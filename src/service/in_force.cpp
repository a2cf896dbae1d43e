// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/in_force.h"

#include "base/file.h"

#include <sys/stat.h>

namespace usb_hotplug {

namespace {

std::string kept_file(const std::string& guest) {
    return in_force_folder() + "/" + guest + ".toml";
}

/// Who may read a file may read what is kept of it, and nobody else; nobody writes to that but its
/// owner, root. Nothing when the file is gone.
std::optional<mode_t> mode_of(const std::string& path) {
    struct stat status = {};
    return stat(path.c_str(), &status) == 0 ? std::optional(status.st_mode & 0644U) : std::nullopt;
}

} // namespace

Result<> keep_in_force(const Guest& guest) {
    const std::string kept = kept_file(guest.name);
    const auto content = read_file(guest.file, configuration_file_max);
    // Asked for after the content: what is written once a file is private is kept private.
    const auto mode = mode_of(guest.file);
    if (guest.file == kept || !content || !mode) {
        return {};
    }
    const auto before = read_file(kept, configuration_file_max);
    if (before && *before == *content && mode_of(kept) == mode) {
        return {};
    }
    // What is read now need not be what the guest was made of.
    Configuration now;
    parse_guest(guest.name, guest.file, *content, now);
    return now.errors.empty() ? write_file(kept, *content, *mode) : Result<>();
}

Result<> forget_in_force(const std::string& guest) {
    return remove_file(kept_file(guest));
}

} // namespace usb_hotplug
