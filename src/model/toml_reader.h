// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Strict reading of TOML tables: every key must be known and of the right type, and each mistake is
// noted with its place, so that one look shows them all.

#pragma once

#include "model/config.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace usb_hotplug {

/// Collects the mistakes of one file.
class TomlErrors {
public:
    TomlErrors(std::string guest, std::string file, std::vector<ConfigError>& errors)
        : guest_(std::move(guest)), file_(std::move(file)), errors_(errors) {}

    void add(const toml::source_position& where, std::string message) {
        errors_.push_back({guest_, file_, static_cast<std::uint32_t>(where.line),
                           static_cast<std::uint32_t>(where.column), std::move(message)});
    }

private:
    std::string guest_;
    std::string file_;
    std::vector<ConfigError>& errors_;
};

/// One table of the file, and what it is called in messages ("[guest]", "[[usb]]").
class TomlTable {
public:
    TomlTable(const toml::table& table, std::string name, TomlErrors& errors)
        : table_(table), name_(std::move(name)), errors_(errors) {}

    /// Notes every key that is not among these, and suggests one.
    void only_keys(std::span<const std::string_view> known) const;

    /// The value of a key, or nothing when it is absent or of another type, which is noted.
    [[nodiscard]] std::optional<std::string> string(std::string_view key) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    /// Also notes a number outside `min` to `max`.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view key, std::int64_t min,
                                                     std::int64_t max) const;
    [[nodiscard]] std::optional<TomlTable> table(std::string_view key) const;
    /// The tables of `[[key]]`.
    [[nodiscard]] std::vector<TomlTable> tables(std::string_view key) const;

    /// The keys and string values of a table whose keys are the user's own.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> strings() const;

    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    [[nodiscard]] bool empty() const { return table_.empty(); }
    [[nodiscard]] std::uint32_t line() const {
        return static_cast<std::uint32_t>(table_.source().begin.line);
    }

    /// Notes a mistake at a key's value, or at the table where `key` is empty.
    void error(std::string_view key, std::string message) const;

private:
    [[nodiscard]] const toml::node* find(std::string_view key, toml::node_type type,
                                         std::string_view type_name) const;

    const toml::table& table_;
    std::string name_;
    TomlErrors& errors_;
};

/// Reads the table of one [[usb]] or [[except]] rule.
Rule parse_rule(const TomlTable& table);

} // namespace usb_hotplug
