// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/toml_reader.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

std::string_view type_text(toml::node_type type) {
    switch (type) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "an array";
    case toml::node_type::string:
        return "a string";
    case toml::node_type::integer:
        return "a number";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "true or false";
    default:
        return "a date or time";
    }
}

} // namespace

std::optional<std::string> TomlValue::string() const {
    const auto* text = node_.as_string();
    if (text == nullptr) {
        wrong_type("a string");
        return std::nullopt;
    }
    const std::string& value = text->get();
    if (value.empty() || value.find('\0') != std::string::npos) {
        error(name() +
              (value.empty() ? " is empty; leave the key out instead" : " has a NUL character"));
        return std::nullopt;
    }
    return value;
}

std::optional<bool> TomlValue::boolean() const {
    const auto* value = node_.as_boolean();
    if (value == nullptr) {
        wrong_type("true or false");
        return std::nullopt;
    }
    return value->get();
}

std::optional<std::int64_t> TomlValue::number(std::int64_t min, std::int64_t max) const {
    const auto* number = node_.as_integer();
    if (number == nullptr) {
        wrong_type(node_.is_floating_point() ? "a whole number" : "a number");
        return std::nullopt;
    }
    const std::int64_t value = number->get();
    if (value < min || value > max) {
        error(name() + " must be " + std::to_string(min) + " to " + std::to_string(max) + ", not " +
              std::to_string(value));
        return std::nullopt;
    }
    return value;
}

std::optional<TomlTable> TomlValue::table(std::string name) const {
    const auto* table = node_.as_table();
    if (table == nullptr) {
        wrong_type("a table");
        return std::nullopt;
    }
    return TomlTable(*table, name.empty() ? quoted_key() : std::move(name), errors_);
}

std::vector<TomlValue> TomlValue::one_or_more() const {
    const auto* array = node_.as_array();
    if (array == nullptr) {
        return {*this};
    }
    std::vector<TomlValue> elements;
    for (const toml::node& element : *array) {
        elements.emplace_back(*this, element);
    }
    if (elements.empty()) {
        error(name() + " is an empty list; leave the key out instead");
    }
    return elements;
}

void TomlValue::wrong_type(std::string_view wanted) const {
    error(name() + " must be " + std::string(wanted) + ", not " +
              std::string(type_text(node_.type())),
          Mistake::Type);
}

void TomlTable::only_keys(std::span<const std::string_view> known) const {
    for (const auto& [key, node] : table_) {
        if (std::find(known.begin(), known.end(), key.str()) != known.end()) {
            continue;
        }
        std::string message = "unknown key '" + printable(key.str(), 64) + "' in " + name_;
        if (const auto meant = nearest(key.str(), known)) {
            message += "; did you mean '" + std::string(*meant) + "'?";
        }
        errors_.add(key.source().begin, std::move(message), Mistake::Key);
    }
}

std::optional<TomlValue> TomlTable::value(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node == nullptr ? std::nullopt : std::optional(TomlValue(*node, key, name_, errors_));
}

std::vector<std::pair<std::string, TomlValue>> TomlTable::values() const {
    std::vector<std::pair<std::string, TomlValue>> found;
    for (const auto& [key, node] : table_) {
        found.emplace_back(key.str(), TomlValue(node, key.str(), name_, errors_));
    }
    return found;
}

std::optional<std::string> TomlTable::string(std::string_view key) const {
    const auto found = value(key);
    return found ? found->string() : std::nullopt;
}

std::optional<bool> TomlTable::boolean(std::string_view key) const {
    const auto found = value(key);
    return found ? found->boolean() : std::nullopt;
}

std::optional<std::int64_t> TomlTable::number(std::string_view key, std::int64_t min,
                                              std::int64_t max) const {
    const auto found = value(key);
    return found ? found->number(min, max) : std::nullopt;
}

std::optional<TomlTable> TomlTable::table(std::string_view key) const {
    const auto found = value(key);
    return found ? found->table("[" + std::string(key) + "]") : std::nullopt;
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) const {
    const std::string name = "[[" + std::string(key) + "]]";
    const toml::node* node = table_.get(key);
    std::vector<TomlTable> found;
    if (node == nullptr) {
        return found;
    }
    const toml::array* array = node->as_array();
    if (array == nullptr || (!array->empty() && !array->is_homogeneous<toml::table>())) {
        error(key,
              "'" + std::string(key) + "' must be tables; write " + name + " with double brackets",
              Mistake::Type);
        return found;
    }
    for (const toml::node& element : *array) {
        found.emplace_back(*element.as_table(), name, errors_);
    }
    return found;
}

void TomlTable::error(std::string_view key, std::string message, Mistake mistake) const {
    const toml::node* node = table_.get(key);
    const auto& where = node == nullptr ? table_.source() : node->source();
    errors_.add(where.begin, std::move(message), mistake);
}

} // namespace usb_hotplug
