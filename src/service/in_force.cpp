// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/in_force.h"

#include "base/file.h"

namespace usb_hotplug {

namespace {

std::string kept_file(const std::string& guest) {
    return in_force_folder() + "/" + guest + ".toml";
}

} // namespace

Result<> keep_in_force(const Guest& guest) {
    const std::string kept = kept_file(guest.name);
    const auto content = read_file(guest.file, configuration_file_max);
    if (guest.file == kept || !content) {
        return {};
    }
    const auto before = read_file(kept, configuration_file_max);
    if (before && *before == *content) {
        return {};
    }
    // What is read now need not be what the guest was made of.
    Configuration now;
    parse_guest(guest.name, guest.file, *content, now);
    return now.errors.empty() ? write_file(kept, *content) : Result<>();
}

Result<> forget_in_force(const std::string& guest) {
    return remove_file(kept_file(guest));
}

} // namespace usb_hotplug
