// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The syntax of the rule keys: one table of keys, one function a key.

#include "base/text.h"
#include "model/toml_reader.h"

#include <algorithm>
#include <array>

namespace usb_hotplug {

namespace {

using ParseKey = void (*)(const TomlTable&, const std::string& key, Rule&);

void add(Rule& rule, const std::string& key, const std::string& wanted, Pattern pattern) {
    rule.conditions.push_back({key, wanted, std::move(pattern)});
}

/// One half of an id: four hexadecimal digits, or '*'. False when it is neither.
bool parse_half(std::string_view text, std::optional<std::uint16_t>& half) {
    if (text == "*") {
        return true;
    }
    const auto value = text.size() == 4 ? parse_number(text, 16, 0xffff) : std::nullopt;
    if (value) {
        half = static_cast<std::uint16_t>(*value);
    }
    return value.has_value();
}

void parse_id(const TomlTable& table, const std::string& key, Rule& rule) {
    const auto text = table.string(key);
    if (!text) {
        return;
    }
    IdPattern id;
    const std::size_t colon = text->find(':');
    if (colon == std::string::npos ||
        !parse_half(std::string_view(*text).substr(0, colon), id.vendor) ||
        !parse_half(std::string_view(*text).substr(colon + 1), id.product)) {
        table.error(key, "'id' must be vendor:product, each four hexadecimal digits or '*', as in "
                         "\"046d:c52b\"; \"" +
                             printable(*text, 64) + "\" is not");
    } else if (!id.vendor && !id.product) {
        table.error(key, "'id' is \"*:*\", which is every device; say all = true if that is meant");
    } else {
        add(rule, key, *text, id);
    }
}

/// "1-4.2": a bus, a dash, ports with dots between; no number has a leading zero.
bool is_port_path(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
        return false;
    }
    const auto is_number = [](std::string_view part) {
        return !part.empty() && part[0] != '0' && parse_number(part, 10, 999).has_value();
    };
    const std::string_view ports = text.substr(dash + 1);
    const auto parts = split(ports, '.');
    return is_number(text.substr(0, dash)) && !parts.empty() && ports.front() != '.' &&
           ports.back() != '.' && ports.find("..") == std::string_view::npos &&
           std::all_of(parts.begin(), parts.end(), is_number);
}

void parse_port(const TomlTable& table, const std::string& key, Rule& rule) {
    const auto text = table.string(key);
    if (!text) {
        return;
    }
    PortPattern port{*text, text->ends_with(".*")};
    if (port.behind) {
        port.port.resize(port.port.size() - 2);
    }
    if (!is_port_path(port.port)) {
        table.error(key,
                    "'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" everything "
                    "behind that hub; \"" +
                        printable(*text, 64) + "\" is not");
        return;
    }
    add(rule, key, *text, std::move(port));
}

void parse_bus(const TomlTable& table, const std::string& key, Rule& rule) {
    if (const auto bus = table.number(key, 1, 999)) {
        add(rule, key, std::to_string(*bus), BusPattern{static_cast<std::uint32_t>(*bus)});
    }
}

void parse_class(const TomlTable& outer, const std::string& key, Rule& rule) {
    const auto table = outer.table(key);
    if (!table) {
        return;
    }
    static constexpr std::array<std::string_view, 3> keys = {"class", "subclass", "protocol"};
    table->only_keys(keys);
    if (table->empty()) {
        outer.error(key, "'" + key + "' is empty; say at least one of class, subclass, protocol");
        return;
    }
    ClassPattern pattern;
    pattern.of_interface = key == "interface";
    std::array<std::optional<std::uint8_t>*, 3> parts = {&pattern.base, &pattern.subclass,
                                                         &pattern.protocol};
    std::vector<std::string> wanted;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const auto value = table->number(keys[i], 0, 255)) {
            *parts[i] = static_cast<std::uint8_t>(*value);
            wanted.push_back(std::string(keys[i]) + " " + std::to_string(*value));
        }
    }
    add(rule, key, join(wanted), pattern);
}

template <TextField Field>
void parse_text(const TomlTable& table, const std::string& key, Rule& rule) {
    if (const auto glob = table.string(key)) {
        add(rule, key, *glob, TextPattern{Field, "", *glob});
    }
}

/// A sysfs attribute is a file of the device itself: a path would leave its folder.
bool is_attribute_name(std::string_view name) {
    return !name.empty() && name[0] != '.' && name.find('/') == std::string_view::npos;
}

template <TextField Field>
void parse_named_texts(const TomlTable& outer, const std::string& key, Rule& rule) {
    const auto table = outer.table(key);
    if (!table) {
        return;
    }
    if (table->empty()) {
        outer.error(key, "'" + key + "' is empty; say at least one name = \"value\"");
    }
    for (const auto& [name, glob] : table->strings()) {
        if (Field == TextField::Attribute && !is_attribute_name(name)) {
            table->error(name, "\"" + printable(name, 64) +
                                   "\" is not the name of a sysfs attribute of the device");
        } else {
            add(rule, key + "." + name, glob, TextPattern{Field, name, glob});
        }
    }
}

constexpr std::array<std::pair<std::string_view, ParseKey>, 10> condition_keys = {{
    {"id", parse_id},
    {"port", parse_port},
    {"bus", parse_bus},
    {"serial", parse_text<TextField::Serial>},
    {"vendor", parse_text<TextField::Vendor>},
    {"product", parse_text<TextField::Product>},
    {"interface", parse_class},
    {"device", parse_class},
    {"property", parse_named_texts<TextField::Property>},
    {"attribute", parse_named_texts<TextField::Attribute>},
}};

} // namespace

Rule parse_rule(const TomlTable& table) {
    std::vector<std::string_view> known = {"description", "enabled", "all"};
    Rule rule;
    rule.line = table.line();
    rule.description = table.string("description").value_or("");
    rule.enabled = table.boolean("enabled").value_or(true);
    rule.all = table.boolean("all").value_or(false);
    bool any = rule.all;
    for (const auto& [key, parse] : condition_keys) {
        known.push_back(key);
        if (table.has(key)) {
            any = true;
            parse(table, std::string(key), rule);
        }
    }
    table.only_keys(known);
    if (!any) {
        table.error("", "this rule has no condition; say all = true if every device is meant");
    }
    if (rule.all && !rule.conditions.empty()) {
        table.error("all", "all = true is every device, so no other condition can stand beside it");
    }
    return rule;
}

} // namespace usb_hotplug
