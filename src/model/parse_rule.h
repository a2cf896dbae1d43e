// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Reading rules: parse_rule.cpp has the table of all keys and the short ones, parse_text.cpp those
// that are about texts, parse_class.cpp those about classes.

#pragma once

#include "model/rule.h"
#include "model/toml_reader.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace usb_hotplug {

/// Reads the table of one [[usb]] or [[except]] rule.
Rule parse_rule(const TomlTable& table);

/// Reads what a rule about disks says of which disks it means. `others` are the keys that the table
/// may have beside these.
Rule parse_disk_conditions(const TomlTable& table, std::span<const std::string_view> others);

/// Reads the table of one [[disk]] rule of a guest.
DiskRule parse_disk_rule(const TomlTable& table);

/// What one value means, and how explanations say it.
struct ParsedPattern {
    Pattern pattern;
    std::string wanted;
};

/// Adds a key's condition. A list of values is one condition, which any of them fulfils. `parse`
/// returns nothing for a value with a mistake, which it notes.
template <class Parse>
void add_condition(Rule& rule, const std::string& key, const TomlValue& value, const Parse& parse) {
    Condition condition{key, "", {}};
    for (const TomlValue& element : value.one_or_more()) {
        if (std::optional<ParsedPattern> parsed = parse(element)) {
            condition.wanted += (condition.any.empty() ? "" : " or ") + parsed->wanted;
            condition.any.push_back(std::move(parsed->pattern));
        }
    }
    rule.conditions.push_back(std::move(condition));
}

/// Reads one key's value into the rule.
using ParseKey = void (*)(Rule&, const std::string& key, const TomlValue&);

void parse_vendor(Rule& rule, const std::string& key, const TomlValue& value);
void parse_product(Rule& rule, const std::string& key, const TomlValue& value);
void parse_serial(Rule& rule, const std::string& key, const TomlValue& value);
void parse_driver(Rule& rule, const std::string& key, const TomlValue& value);
void parse_tag(Rule& rule, const std::string& key, const TomlValue& value);
void parse_label(Rule& rule, const std::string& key, const TomlValue& value);
void parse_wwn(Rule& rule, const std::string& key, const TomlValue& value);
void parse_properties(Rule& rule, const std::string& key, const TomlValue& value);
void parse_attributes(Rule& rule, const std::string& key, const TomlValue& value);

void parse_device_class(Rule& rule, const std::string& key, const TomlValue& value);
void parse_interfaces(Rule& rule, const std::string& key, const TomlValue& value);

} // namespace usb_hotplug
