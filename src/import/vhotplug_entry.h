// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One entry of "allow" or "deny" in a configuration of vhotplug.

#pragma once

#include "import/draft.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>

namespace usb_hotplug::imports {

using json = nlohmann::json;

/// The string at `key`; nothing when there is none.
std::optional<std::string> text_of(const json& object, const char* key);

/// On one line, for a comment.
std::string dumped(const json& value);

/// As vhotplug reads "disable" and "enable".
bool is_enabled(const json& object);

/// Says of every other key that it is not carried over.
void say_other_keys(const json& object, std::initializer_list<std::string_view> known,
                    Draft& draft);

/// Writes the entry as rules. Its conditions are alternatives in vhotplug, so each becomes a rule
/// of its own; only "removable" must hold beside them. False when it fits devices in vhotplug that
/// these rules do not fit.
bool write_entry(const json& entry, bool except, bool enabled, Draft& draft);

} // namespace usb_hotplug::imports
