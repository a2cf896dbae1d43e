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

void TomlTable::only_keys(std::span<const std::string_view> known) const {
    for (const auto& [key, node] : table_) {
        if (std::find(known.begin(), known.end(), key.str()) != known.end()) {
            continue;
        }
        std::string message = "unknown key '" + printable(key.str(), 64) + "' in " + name_;
        if (const auto meant = nearest(key.str(), known)) {
            message += "; did you mean '" + std::string(*meant) + "'?";
        }
        errors_.add(key.source().begin, std::move(message));
    }
}

const toml::node* TomlTable::find(std::string_view key, toml::node_type type,
                                  std::string_view type_name) const {
    const toml::node* node = table_.get(key);
    if (node != nullptr && node->type() != type) {
        error(key, "'" + std::string(key) + "' in " + name_ + " must be " + std::string(type_name) +
                       ", not " + std::string(type_text(node->type())));
        return nullptr;
    }
    return node;
}

std::optional<std::string> TomlTable::string(std::string_view key) const {
    const toml::node* node = find(key, toml::node_type::string, "a string");
    if (node == nullptr) {
        return std::nullopt;
    }
    const std::string& text = node->as_string()->get();
    if (text.empty() || text.find('\0') != std::string::npos) {
        error(key,
              "'" + std::string(key) + "' in " + name_ +
                  (text.empty() ? " is empty; leave the key out instead" : " has a NUL character"));
        return std::nullopt;
    }
    return text;
}

std::optional<bool> TomlTable::boolean(std::string_view key) const {
    const toml::node* node = find(key, toml::node_type::boolean, "true or false");
    return node == nullptr ? std::nullopt : std::optional(node->as_boolean()->get());
}

std::optional<std::int64_t> TomlTable::number(std::string_view key, std::int64_t min,
                                              std::int64_t max) const {
    const toml::node* node = find(key, toml::node_type::integer, "a number");
    if (node == nullptr) {
        return std::nullopt;
    }
    const std::int64_t value = node->as_integer()->get();
    if (value < min || value > max) {
        error(key, "'" + std::string(key) + "' in " + name_ + " must be " + std::to_string(min) +
                       " to " + std::to_string(max) + ", not " + std::to_string(value));
        return std::nullopt;
    }
    return value;
}

std::optional<TomlTable> TomlTable::table(std::string_view key) const {
    const toml::node* node = find(key, toml::node_type::table, "a table");
    return node == nullptr
               ? std::nullopt
               : std::optional(TomlTable(*node->as_table(), "'" + std::string(key) + "'", errors_));
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) const {
    const std::string name = "[[" + std::string(key) + "]]";
    const toml::node* node = table_.get(key);
    std::vector<TomlTable> found;
    if (node == nullptr) {
        return found;
    }
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>()) {
        error(key,
              "'" + std::string(key) + "' must be tables; write " + name + " with double brackets");
        return found;
    }
    for (const toml::node& element : *array) {
        found.emplace_back(*element.as_table(), name, errors_);
    }
    return found;
}

std::vector<std::pair<std::string, std::string>> TomlTable::strings() const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [key, node] : table_) {
        if (auto value = string(key.str())) {
            found.emplace_back(std::string(key.str()), std::move(*value));
        }
    }
    return found;
}

void TomlTable::error(std::string_view key, std::string message) const {
    const toml::node* node = table_.get(key);
    const auto& where = node == nullptr ? table_.source() : node->source();
    errors_.add(where.begin, std::move(message));
}

} // namespace usb_hotplug
