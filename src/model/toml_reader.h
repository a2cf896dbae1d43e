// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Strict reading of TOML tables: every key must be known and of the right type, and each mistake is
// noted with its place, so that one look shows them all.

#pragma once

#include "base/text.h"
#include "model/config.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <utility>
#include <vector>

namespace usb_hotplug {

/// Collects the mistakes of one file.
class TomlErrors {
public:
    TomlErrors(std::string guest, std::string file, std::vector<ConfigError>& errors)
        : guest_(std::move(guest)), file_(std::move(file)), errors_(errors) {}

    void add(const toml::source_position& where, std::string message,
             Mistake mistake = Mistake::Value) {
        errors_.push_back({guest_, file_, static_cast<std::uint32_t>(where.line),
                           static_cast<std::uint32_t>(where.column), std::move(message), mistake});
    }

    /// How many there are by now, of this file and those read before.
    [[nodiscard]] std::size_t count() const { return errors_.size(); }

private:
    std::string guest_;
    std::string file_;
    std::vector<ConfigError>& errors_;
};

class TomlTable;

/// One value of the file: that of a key, or an element of the list there.
class TomlValue {
public:
    TomlValue(const toml::node& node, std::string_view key, std::string where, TomlErrors& errors)
        : node_(node), key_(key), where_(std::move(where)), errors_(errors) {}
    /// An element of a list, called as the list is.
    TomlValue(const TomlValue& list, const toml::node& element)
        : node_(element), key_(list.key_), where_(list.where_), errors_(list.errors_) {}

    /// The value, or nothing when it is of another type, which is noted.
    [[nodiscard]] std::optional<std::string> string() const;
    [[nodiscard]] std::optional<bool> boolean() const;
    /// Also notes a number outside `min` to `max`.
    [[nodiscard]] std::optional<std::int64_t> number(std::int64_t min, std::int64_t max) const;
    /// In messages about what is in it, the table is called 'key', or `name` if there is one.
    [[nodiscard]] std::optional<TomlTable> table(std::string name = {}) const;

    /// The elements of a list; of anything else, the value itself. Notes an empty list.
    [[nodiscard]] std::vector<TomlValue> one_or_more() const;

    [[nodiscard]] const toml::node& node() const { return node_; }
    /// "'id' in [[usb]]". Made when somebody asks, as nearly all values are right.
    [[nodiscard]] std::string name() const { return quoted_key() + " in " + where_; }

    /// Notes a mistake here.
    void error(std::string message, Mistake mistake = Mistake::Value) const {
        errors_.add(node_.source().begin, std::move(message), mistake);
    }
    /// Notes that this should be something else: "'id' in [[usb]] must be a string, not a number".
    void wrong_type(std::string_view wanted) const;

private:
    const toml::node& node_;
    std::string key_;
    std::string where_; ///< the name of the table that it is in
    TomlErrors& errors_;

    [[nodiscard]] std::string quoted_key() const { return "'" + printable(key_, 64) + "'"; }
};

/// One table of the file, and what it is called in messages ("[guest]", "[[usb]]").
class TomlTable {
public:
    TomlTable(const toml::table& table, std::string name, TomlErrors& errors)
        : table_(table), name_(std::move(name)), errors_(errors) {}

    /// Notes every key that is not among these, and suggests one.
    void only_keys(std::span<const std::string_view> known) const;

    /// The value of a key, if it is there.
    [[nodiscard]] std::optional<TomlValue> value(std::string_view key) const;
    /// All keys and their values, of a table whose keys are the user's own.
    [[nodiscard]] std::vector<std::pair<std::string, TomlValue>> values() const;

    /// As of TomlValue; nothing, too, when the key is absent.
    [[nodiscard]] std::optional<std::string> string(std::string_view key) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view key, std::int64_t min,
                                                     std::int64_t max) const;
    /// The table `[key]`.
    [[nodiscard]] std::optional<TomlTable> table(std::string_view key) const;
    /// The tables of `[[key]]`; an empty list has none.
    [[nodiscard]] std::vector<TomlTable> tables(std::string_view key) const;

    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    [[nodiscard]] bool empty() const { return table_.empty(); }
    [[nodiscard]] std::uint32_t line() const {
        return static_cast<std::uint32_t>(table_.source().begin.line);
    }
    [[nodiscard]] std::uint32_t column() const {
        return static_cast<std::uint32_t>(table_.source().begin.column);
    }

    /// How many mistakes are noted by now.
    [[nodiscard]] std::size_t mistakes() const { return errors_.count(); }
    /// Notes a mistake at a key's value, or at the table where `key` is empty.
    void error(std::string_view key, std::string message, Mistake mistake = Mistake::Value) const;

private:
    const toml::table& table_;
    std::string name_;
    TomlErrors& errors_;
};

} // namespace usb_hotplug
