// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rule keys about texts: each value is a glob, or { regex = "..." }.

#include "base/text.h"
#include "model/parse_rule.h"

#include <array>
#include <cerrno>

namespace usb_hotplug {

namespace {

struct ParsedMatch {
    TextMatch match;
    std::string wanted;
};

std::optional<ParsedMatch> parse_glob(const TomlValue& value) {
    auto glob = value.string();
    if (!glob) {
        return std::nullopt;
    }
    if (const auto mistake = glob_mistake(*glob)) {
        value.error("the glob \"" + printable(*glob, 64) + "\" " + *mistake);
        return std::nullopt;
    }
    return ParsedMatch{{*glob, std::nullopt}, *glob};
}

std::optional<ParsedMatch> parse_regex(const TomlValue& value) {
    const auto table = value.table();
    static constexpr std::array<std::string_view, 1> keys = {"regex"};
    const auto pattern = table ? table->value("regex") : std::nullopt;
    if (!pattern) {
        value.error(value.name() + R"( must be a glob, as in "*ethernet*", or { regex = "..." })");
        return std::nullopt;
    }
    table->only_keys(keys);
    const auto text = pattern->string();
    if (!text) {
        return std::nullopt;
    }
    auto regex = compile_regex(*text);
    if (!regex) {
        pattern->error(regex.error().message,
                       regex.error().code == ELIBACC ? Mistake::NoRegex : Mistake::Value);
        return std::nullopt;
    }
    return ParsedMatch{{"", std::move(*regex)}, "regex " + *text};
}

void parse_text(Rule& rule, TextField field, const std::string& key, const std::string& name,
                const TomlValue& value) {
    add_condition(rule, key, value, [&](const TomlValue& one) -> std::optional<ParsedPattern> {
        auto parsed = one.node().is_table() ? parse_regex(one) : parse_glob(one);
        if (!parsed) {
            return std::nullopt;
        }
        return ParsedPattern{TextPattern{field, name, std::move(parsed->match)},
                             std::move(parsed->wanted)};
    });
}

/// What would never fit, or names something else: udev ends a property's name at '=', and C at a
/// NUL; a sysfs attribute is a file of the device itself, and a path would leave its folder.
bool is_name(TextField field, std::string_view name) {
    if (name.empty() || name.find('\0') != std::string_view::npos) {
        return false;
    }
    return field == TextField::Attribute
               ? name[0] != '.' && name.find('/') == std::string_view::npos
               : name.find('=') == std::string_view::npos;
}

void parse_named_texts(Rule& rule, TextField field, const std::string& key,
                       const TomlValue& value) {
    const auto table = value.table();
    if (!table) {
        return;
    }
    if (table->empty()) {
        value.error("'" + key + "' is empty; say at least one name = \"value\"");
    }
    std::string full = key + ".";
    for (const auto& [name, text] : table->values()) {
        if (!is_name(field, name)) {
            text.error("\"" + printable(name, 64) + "\" is not the name of a " +
                       (field == TextField::Attribute ? "sysfs attribute of the device"
                                                      : "udev property"));
        } else {
            full.replace(key.size() + 1, std::string::npos, name);
            parse_text(rule, field, full, name, text);
        }
    }
}

} // namespace

void parse_vendor(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Vendor, key, "", value);
}

void parse_product(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Product, key, "", value);
}

void parse_serial(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Serial, key, "", value);
}

void parse_driver(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Driver, key, "", value);
}

void parse_tag(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Tag, key, "", value);
}

void parse_label(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Label, key, "", value);
}

void parse_wwn(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_text(rule, TextField::Wwn, key, "", value);
}

void parse_properties(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_named_texts(rule, TextField::Property, key, value);
}

void parse_attributes(Rule& rule, const std::string& key, const TomlValue& value) {
    parse_named_texts(rule, TextField::Attribute, key, value);
}

} // namespace usb_hotplug
