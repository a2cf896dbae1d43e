// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/unit_name.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

constexpr std::string_view device_prefix = "usb-hotplug@";
constexpr std::string_view service_suffix = ".service";
// UNIT_NAME_MAX is 256 with the terminating NUL (src/basic/unit-name.h); room for our longest
// prefix and suffix is left.
constexpr std::size_t instance_max = 200;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_unescaped(char c) {
    return is_alphanumeric(c) || c == ':' || c == '_' || c == '.';
}

/// Whether escape_path would give this back: no empty part, and none that leads elsewhere.
bool is_canonical(const std::string& path, std::string_view instance) {
    const auto parts = split(path, '/');
    return escape_path(path) == instance &&
           std::none_of(parts.begin(), parts.end(),
                        [](std::string_view part) { return part == "." || part == ".."; });
}

} // namespace

std::string escape_path(std::string_view path) {
    std::string out;
    for (const std::string_view part : split(path, '/')) {
        if (!out.empty()) {
            out += '-';
        }
        for (const char c : part) {
            const bool leading_dot = c == '.' && out.empty();
            out += is_unescaped(c) && !leading_dot ? std::string(1, c)
                                                   : "\\x" + hex(static_cast<unsigned char>(c), 2);
        }
    }
    return out.empty() ? "-" : out;
}

std::optional<std::string> unescape_path(std::string_view instance) {
    if (instance.empty() || instance.size() > instance_max) {
        return std::nullopt;
    }
    if (instance == "-") {
        return "/";
    }
    const std::string_view whole = instance;
    std::string path = "/";
    while (!instance.empty()) {
        std::size_t taken = 1;
        if (instance[0] == '-') {
            path += '/';
        } else if (is_unescaped(instance[0])) {
            path += instance[0];
        } else {
            const auto byte = instance.starts_with("\\x") && instance.size() >= 4
                                  ? parse_number(instance.substr(2, 2), 16, 0xff)
                                  : std::nullopt;
            if (!byte || *byte == 0) {
                return std::nullopt;
            }
            path += static_cast<char>(*byte);
            taken = 4;
        }
        instance.remove_prefix(taken);
    }
    return is_canonical(path, whole) ? std::optional(path) : std::nullopt;
}

std::string device_unit(std::string_view node) {
    return device_unit_of(escape_path(node));
}

std::string device_unit_of(std::string_view instance) {
    return std::string(device_prefix) + std::string(instance) + std::string(service_suffix);
}

std::optional<std::string> node_of_device_unit(std::string_view unit) {
    if (!unit.starts_with(device_prefix) || !unit.ends_with(service_suffix) ||
        unit.size() <= device_prefix.size() + service_suffix.size()) {
        return std::nullopt;
    }
    unit.remove_prefix(device_prefix.size());
    unit.remove_suffix(service_suffix.size());
    return unescape_path(unit);
}

std::string refresh_unit_of(std::string_view instance) {
    return "usb-hotplug-refresh@" + std::string(instance) + ".service";
}

std::string order_unit_of(std::string_view instance) {
    return "usb-hotplug-order@" + std::string(instance) + ".service";
}

std::string guest_target(std::string_view guest) {
    return "usb-hotplug@" + std::string(guest) + ".target";
}

std::string guest_watcher_unit(std::string_view guest) {
    return "usb-hotplug-guest@" + std::string(guest) + ".service";
}

std::string alias_of(std::string_view instance) {
    std::string alias(alias_prefix);
    for (const char c : instance) {
        alias += is_alphanumeric(c) || c == '-' || c == '_' ? c : '_';
    }
    return alias;
}

bool is_guest_name(std::string_view name) {
    return !name.empty() && name.size() <= instance_max && name[0] != '.' &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_unescaped(c) || c == '-' || c == '@'; });
}

} // namespace usb_hotplug
