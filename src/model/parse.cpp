// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The syntax of a guest's file, but for the rule keys, which are parse_rule.cpp's.

#include "base/text.h"
#include "model/parse_rule.h"

#include <algorithm>
#include <array>
#include <span>

namespace usb_hotplug {

namespace {

constexpr std::string_view default_uri = "qemu:///system";

/// What fits into sockaddr_un with the NUL at its end (unix(7)).
constexpr std::size_t socket_path_max = 107;

/// Without "//", "." and "..", which would be other names of the same guest.
bool is_plain_path(std::string_view path) {
    const std::vector<std::string_view> parts = split(path, '/');
    std::size_t length = 0;
    for (const std::string_view part : parts) {
        length += 1 + part.size();
    }
    return !path.empty() && path[0] == '/' && length == path.size() && length > 1 &&
           std::none_of(parts.begin(), parts.end(),
                        [](std::string_view part) { return part == "." || part == ".."; });
}

/// The monitor of a guest that is QEMU by itself.
void parse_qmp(const TomlTable& table, GuestAddress& address) {
    const auto path = table.string("qmp");
    if (!path) {
        return;
    }
    for (const std::string_view other : {"connect", "domain"}) {
        if (table.has(other)) {
            table.error(other, "'" + std::string(other) +
                                   "' is for guests of libvirt; a guest with 'qmp' has none");
        }
    }
    if (!is_plain_path(*path)) {
        table.error("qmp",
                    R"('qmp' must be the whole path of a socket, as in "/run/win10.qmp"; ")" +
                        printable(*path, 128) + "\" is not");
    } else if (path->size() > socket_path_max) {
        table.error("qmp", "'qmp' is too long for a socket, whose path has at most " +
                               std::to_string(socket_path_max) + " bytes");
    }
    address = {BackendKind::Qmp, *path, ""};
}

/// A time span, or a number of seconds, as systemd has them.
std::optional<std::chrono::milliseconds> parse_grace(const TomlValue& value) {
    if (!value.node().is_string()) {
        const auto seconds =
            value.number(0, std::chrono::duration_cast<std::chrono::seconds>(grace_max).count());
        return seconds ? std::optional<std::chrono::milliseconds>(std::chrono::seconds(*seconds))
                       : std::nullopt;
    }
    const auto text = value.string();
    const auto span = text ? parse_time_span(*text) : std::nullopt;
    if (text && (!span || *span > grace_max)) {
        value.error("'grace' must be a time of at most " + time_span_text(grace_max) +
                    R"(, as in "10s", "500ms" or "1min 30s"; ")" + printable(*text, 64) +
                    "\" is not");
        return std::nullopt;
    }
    return span;
}

void parse_guest_table(const TomlTable& file, Guest& guest) {
    const auto table = file.table("guest");
    if (!table) {
        return;
    }
    static constexpr std::array<std::string_view, 6> keys = {"domain",   "connect", "qmp",
                                                             "priority", "grace",   "stay"};
    table->only_keys(keys);
    guest.address.domain = table->string("domain").value_or(guest.address.domain);
    guest.address.target = table->string("connect").value_or(guest.address.target);
    parse_qmp(*table, guest.address);
    guest.priority = static_cast<std::int32_t>(
        table->number("priority", -1000000, 1000000).value_or(guest.priority));
    if (const auto grace = table->value("grace")) {
        guest.grace = parse_grace(*grace).value_or(guest.grace);
    }
    guest.stay = table->boolean("stay").value_or(guest.stay);
}

/// toml++ says "Error while parsing ...: what"; the place is in the exception already. It has
/// made what it quotes printable, with backslashes that need no second escape.
std::string syntax_message(const toml::parse_error& error) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(error.description(), '\\')) {
        parts.push_back(printable(part, 400));
    }
    return "not valid TOML: " + join(parts, "\\");
}

/// Mistakes are found key by key, and read line by line.
void sort_by_place(std::span<ConfigError> errors) {
    std::stable_sort(errors.begin(), errors.end(), [](const ConfigError& a, const ConfigError& b) {
        return a.line != b.line ? a.line < b.line : a.column < b.column;
    });
}

} // namespace

void parse_guest(const std::string& name, const std::string& file, std::string_view content,
                 Configuration& configuration) {
    TomlErrors errors(name, file, configuration.errors);
    const std::size_t before = configuration.errors.size();
    Guest guest;
    guest.name = name;
    guest.file = file;
    guest.address = {BackendKind::Libvirt, std::string(default_uri), name};
    try {
        const toml::table parsed = toml::parse(content, file);
        const TomlTable table(parsed, "the file", errors);
        static constexpr std::array<std::string_view, 4> keys = {"guest", "usb", "except", "disk"};
        table.only_keys(keys);
        parse_guest_table(table, guest);
        for (const TomlTable& rule : table.tables("usb")) {
            guest.usb.push_back(parse_rule(rule));
        }
        for (const TomlTable& rule : table.tables("except")) {
            guest.except.push_back(parse_rule(rule));
        }
        for (const TomlTable& rule : table.tables("disk")) {
            if (guest.address.kind == BackendKind::Qmp) {
                rule.error("", "[[disk]] is for guests of libvirt; a guest with 'qmp' gets a disk "
                               "as a USB device, by [[usb]]");
            }
            guest.disk.push_back(parse_disk_rule(rule));
        }
    } catch (const toml::parse_error& error) {
        errors.add(error.source().begin, syntax_message(error), Mistake::Syntax);
    }
    sort_by_place(std::span(configuration.errors).subspan(before));
    if (configuration.errors.size() == before) {
        configuration.guests.push_back(std::move(guest));
    }
}

} // namespace usb_hotplug
