// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rule keys about classes: `device`, and `interface` with its logic.

#include "base/text.h"
#include "model/class_names.h"
#include "model/parse_rule.h"

#include <array>

namespace usb_hotplug {

namespace {

struct Part {
    ClassPart part;
    std::string_view key;
    std::optional<std::uint8_t> ClassMatch::*member;
};

constexpr std::array<Part, 3> parts = {{
    {ClassPart::Class, "class", &ClassMatch::base},
    {ClassPart::Subclass, "subclass", &ClassMatch::subclass},
    {ClassPart::Protocol, "protocol", &ClassMatch::protocol},
}};

struct Operator {
    std::string_view key;
    InterfacesPattern::Logic logic;
};

constexpr std::array<Operator, 4> operators = {{
    {"any", InterfacesPattern::Logic::Any},
    {"all", InterfacesPattern::Logic::All},
    {"none", InterfacesPattern::Logic::None},
    {"only", InterfacesPattern::Logic::Only},
}};

constexpr std::array<std::string_view, 7> interface_keys = {"class", "subclass", "protocol", "any",
                                                            "all",   "none",     "only"};

constexpr std::span<const std::string_view> class_keys = std::span(interface_keys).first(3);

/// What may stand in place of a name that is not known.
std::string instead_of(const Part& part, const ClassContext& context, std::string_view name) {
    const auto names = class_names(part.part, context);
    const bool is_number = parse_number(name, 10, 255).has_value() ||
                           (name.starts_with("0x") && parse_number(name.substr(2), 16, 255));
    if (is_number) {
        return "write " + std::string(name) + " without quotes";
    }
    if (const auto meant = nearest(name, names)) {
        return "did you mean \"" + std::string(*meant) + "\"?";
    }
    if (part.part != ClassPart::Class && !context.base) {
        return "the name of a " + std::string(part.key) + " needs the class beside it";
    }
    return names.empty() ? "write its number, 0 to 255"
                         : "write its number, 0 to 255, or one of " +
                               join(std::vector<std::string>(names.begin(), names.end()));
}

std::optional<std::uint8_t> parse_number_or_name(const TomlValue& value, const Part& part,
                                                 const ClassMatch& match) {
    if (!value.node().is_string()) {
        const auto number = value.number(0, 255);
        return number ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
    }
    const auto name = value.string();
    if (!name) {
        return std::nullopt;
    }
    const ClassContext context{match.base, match.subclass};
    const auto number = class_number(part.part, context, *name);
    if (!number) {
        value.error("\"" + printable(*name, 64) + "\" is no known " + std::string(part.key) +
                    (part.part == ClassPart::Class || !context.base ? "" : " of this class") +
                    "; " + instead_of(part, context, *name));
    }
    return number;
}

struct ParsedClass {
    ClassMatch match;
    std::string wanted; ///< "class hid (3), protocol 2"
};

ParsedClass parse_parts(const TomlTable& table) {
    ParsedClass parsed;
    std::vector<std::string> wanted;
    bool sound = true;
    for (const Part& part : parts) {
        const auto value = table.value(part.key);
        // With its class unknown, a name cannot be looked up: one mistake is enough.
        if (!value || (!sound && value->node().is_string())) {
            continue;
        }
        const auto number = parse_number_or_name(*value, part, parsed.match);
        sound = sound && number.has_value();
        if (number) {
            parsed.match.*part.member = number;
            const std::string digits = std::to_string(*number);
            const bool named = value->node().is_string();
            wanted.push_back(std::string(part.key) + " " +
                             (named ? *value->string() + " (" + digits + ")" : digits));
        }
    }
    parsed.wanted = join(wanted);
    return parsed;
}

/// A table with class, subclass and protocol and nothing else.
std::optional<ParsedClass> parse_class(const TomlValue& value) {
    const auto table = value.table();
    if (!table) {
        return std::nullopt;
    }
    table->only_keys(class_keys);
    if (table->empty()) {
        value.error(value.name().substr(0, value.name().find(" in ")) +
                    " is empty; say at least one of class, subclass, protocol");
        return std::nullopt;
    }
    return parse_parts(*table);
}

void parse_operator(Rule& rule, const std::string& key, const Operator& op,
                    const TomlValue& value) {
    InterfacesPattern pattern{op.logic, {}};
    std::vector<std::string> wanted;
    for (const TomlValue& element : value.one_or_more()) {
        if (!element.node().is_table()) {
            element.wrong_type("a list of tables, as in [{ class = \"hid\" }]");
        } else if (const auto parsed = parse_class(element)) {
            pattern.matches.push_back(parsed->match);
            wanted.push_back("{" + parsed->wanted + "}");
        }
    }
    rule.conditions.push_back({key, std::string(op.key) + " of " + join(wanted), {pattern}});
}

bool has_any_of(const TomlTable& table, std::span<const std::string_view> keys) {
    for (const std::string_view key : keys) {
        if (table.has(key)) {
            return true;
        }
    }
    return false;
}

} // namespace

void parse_device_class(Rule& rule, const std::string& key, const TomlValue& value) {
    if (const auto parsed = parse_class(value)) {
        rule.conditions.push_back({key, parsed->wanted, {DeviceClassPattern{parsed->match}}});
    }
}

void parse_interfaces(Rule& rule, const std::string& key, const TomlValue& value) {
    if (value.node().is_array()) {
        value.error("'" + key +
                    "' in a list does not say whether one or all must be there; write " + key +
                    " = { any = [...] } or { all = [...] }");
        return;
    }
    const auto table = value.table();
    if (!table) {
        return;
    }
    if (!has_any_of(*table, std::span(interface_keys).subspan(3))) {
        // One interface, said without a list. Also takes what is empty or misspelt.
        if (!table->empty()) {
            table->only_keys(interface_keys);
            const ParsedClass parsed = parse_parts(*table);
            rule.conditions.push_back(
                {key,
                 parsed.wanted,
                 {InterfacesPattern{InterfacesPattern::Logic::Any, {parsed.match}}}});
        } else {
            value.error("'" + key + "' is empty; say at least one of class, subclass, protocol");
        }
        return;
    }
    table->only_keys(interface_keys);
    if (has_any_of(*table, class_keys)) {
        value.error("class, subclass and protocol cannot stand beside any, all, none or only; put "
                    "them into the list, as in any = [{ class = \"hid\" }]");
        return;
    }
    for (const Operator& op : operators) {
        if (const auto list = table->value(op.key)) {
            parse_operator(rule, key, op, *list);
        }
    }
}

} // namespace usb_hotplug
