// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The syntax of rules: the table of all keys, and the keys whose values are short.

#include "model/parse_rule.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace usb_hotplug {

namespace {

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

std::optional<ParsedPattern> parse_one_id(const TomlValue& value) {
    const auto text = value.string();
    if (!text) {
        return std::nullopt;
    }
    IdPattern id;
    const std::size_t colon = text->find(':');
    if (colon == std::string::npos ||
        !parse_half(std::string_view(*text).substr(0, colon), id.vendor) ||
        !parse_half(std::string_view(*text).substr(colon + 1), id.product)) {
        value.error("'id' must be vendor:product, each four hexadecimal digits or '*', as in "
                    "\"046d:c52b\"; \"" +
                    printable(*text, 64) + "\" is not");
        return std::nullopt;
    }
    if (!id.vendor && !id.product) {
        value.error("'id' is \"*:*\", which is every device; say all = true if that is meant");
        return std::nullopt;
    }
    return ParsedPattern{id, *text};
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

std::optional<ParsedPattern> parse_one_port(const TomlValue& value) {
    const auto text = value.string();
    if (!text) {
        return std::nullopt;
    }
    PortPattern port{*text, text->ends_with(".*")};
    if (port.behind) {
        port.port.resize(port.port.size() - 2);
    }
    if (!is_port_path(port.port)) {
        value.error("'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" everything "
                    "behind that hub; \"" +
                    printable(*text, 64) + "\" is not");
        return std::nullopt;
    }
    return ParsedPattern{std::move(port), *text};
}

std::optional<ParsedPattern> parse_one_bus(const TomlValue& value) {
    const auto bus = value.number(1, 999);
    if (!bus) {
        return std::nullopt;
    }
    return ParsedPattern{BusPattern{static_cast<std::uint32_t>(*bus)}, std::to_string(*bus)};
}

/// Speeds as the kernel says them (Documentation/ABI/testing/sysfs-bus-usb, "speed"), in tenths of
/// Mbit/s. There are two of SuperSpeed Plus.
struct Speed {
    std::string_view name;
    std::uint32_t min;
    std::uint32_t max;
};

constexpr std::array<Speed, 5> speeds = {{
    {"low", 15, 15},
    {"full", 120, 120},
    {"high", 4800, 4800},
    {"super", 50000, 50000},
    {"super-plus", 100000, 200000},
}};

constexpr std::array<std::uint32_t, 6> known_tenths = {15, 120, 4800, 50000, 100000, 200000};

/// The value in tenths, or nothing when it is neither a number nor a speed that there is.
std::optional<std::uint32_t> tenths_of(const toml::node& node) {
    const auto number = node.value<double>();
    const auto found = std::find_if(known_tenths.begin(), known_tenths.end(), [&](auto tenths) {
        return number && *number * 10 == static_cast<double>(tenths);
    });
    return found == known_tenths.end() ? std::nullopt : std::optional(*found);
}

std::string speed_mistake(const TomlValue& value) {
    constexpr std::array<std::string_view, 5> names = {"low", "full", "high", "super",
                                                       "super-plus"};
    const auto text = value.node().value<std::string>();
    const auto meant = text ? nearest(*text, names) : std::nullopt;
    std::string hint = meant ? "; did you mean \"" + std::string(*meant) + "\"?" : "";
    if (text && parse_number(*text, 10, 20000)) {
        hint = "; write " + *text + " without quotes";
    }
    return "'speed' must be \"low\", \"full\", \"high\", \"super\" or \"super-plus\", or in Mbit/s "
           "1.5, 12, 480, 5000, 10000 or 20000" +
           hint;
}

std::optional<ParsedPattern> parse_one_speed(const TomlValue& value) {
    if (!value.node().is_string() && !value.node().is_number()) {
        value.wrong_type("a number or a string");
        return std::nullopt;
    }
    const auto name = value.node().value<std::string>();
    const auto named = std::find_if(speeds.begin(), speeds.end(), [&](const Speed& speed) {
        return name && speed.name == *name;
    });
    if (named != speeds.end()) {
        return ParsedPattern{SpeedPattern{named->min, named->max}, *name};
    }
    const auto tenths = name ? std::nullopt : tenths_of(value.node());
    if (!tenths) {
        value.error(speed_mistake(value));
        return std::nullopt;
    }
    return ParsedPattern{SpeedPattern{*tenths, *tenths},
                         *tenths % 10 == 0 ? std::to_string(*tenths / 10) : "1.5"};
}

void parse_removable(Rule& rule, const std::string& key, const TomlValue& value) {
    if (const auto removable = value.boolean()) {
        rule.conditions.push_back(
            {key, *removable ? "removable" : "fixed", {RemovablePattern{*removable}}});
    }
}

template <std::optional<ParsedPattern> (*Parse)(const TomlValue&)>
void parse_one_or_more(Rule& rule, const std::string& key, const TomlValue& value) {
    add_condition(rule, key, value, Parse);
}

using Key = std::pair<std::string_view, ParseKey>;

constexpr std::array<Key, 14> condition_keys = {{
    {"id", parse_one_or_more<parse_one_id>},
    {"port", parse_one_or_more<parse_one_port>},
    {"bus", parse_one_or_more<parse_one_bus>},
    {"serial", parse_serial},
    {"vendor", parse_vendor},
    {"product", parse_product},
    {"interface", parse_interfaces},
    {"device", parse_device_class},
    {"property", parse_properties},
    {"attribute", parse_attributes},
    {"removable", parse_removable},
    {"speed", parse_one_or_more<parse_one_speed>},
    {"driver", parse_driver},
    {"tag", parse_tag},
}};

/// No `bus`: of a disk that is what it has in the guest.
constexpr std::array<Key, 10> disk_keys = {{
    {"id", parse_one_or_more<parse_one_id>},
    {"port", parse_one_or_more<parse_one_port>},
    {"serial", parse_serial},
    {"vendor", parse_vendor},
    {"product", parse_product},
    {"label", parse_label},
    {"wwn", parse_wwn},
    {"property", parse_properties},
    {"attribute", parse_attributes},
    {"tag", parse_tag},
}};

Rule parse_conditions(const TomlTable& table, std::span<const Key> keys,
                      std::span<const std::string_view> others) {
    std::vector<std::string_view> known = {"description", "enabled", "all"};
    known.insert(known.end(), others.begin(), others.end());
    const std::size_t before = table.mistakes();
    Rule rule;
    rule.line = table.line();
    rule.column = table.column();
    rule.description = table.string("description").value_or("");
    rule.enabled = table.boolean("enabled").value_or(true);
    rule.all = table.boolean("all").value_or(false);
    bool any = rule.all;
    for (const auto& [key, parse] : keys) {
        known.push_back(key);
        if (const auto value = table.value(key)) {
            any = true;
            parse(rule, std::string(key), *value);
        }
    }
    table.only_keys(known);
    // Said after another mistake, as of a misspelt condition, the advice would do harm.
    if (!any && table.mistakes() == before) {
        table.error("", "this rule has no condition; say all = true if every device is meant");
    }
    if (rule.all && !rule.conditions.empty()) {
        table.error("all", "all = true is every device, so no other condition can stand beside it");
    }
    return rule;
}

} // namespace

Rule parse_rule(const TomlTable& table) {
    return parse_conditions(table, condition_keys, {});
}

Rule parse_disk_conditions(const TomlTable& table, std::span<const std::string_view> others) {
    return parse_conditions(table, disk_keys, others);
}

} // namespace usb_hotplug
