// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The syntax of udev rules (udev(7)), and not what they mean.

#pragma once

#include "import/draft.h"

#include <string>
#include <vector>

namespace usb_hotplug::imports {

/// KEY{attribute}=="value". The operator is one of == != = += -= :=
struct UdevToken {
    std::string key;
    std::string attribute;
    std::string op;
    std::string value;
    bool escaped = false; ///< e"...": the value has escapes of C, which are left as they are

    [[nodiscard]] bool is_match() const { return op == "==" || op == "!="; }
    /// As it can be written in a rule.
    [[nodiscard]] std::string text() const;
};

struct UdevRule {
    std::size_t line = 0;    ///< on which it begins
    std::string description; ///< the comment on the line above
    std::vector<UdevToken> tokens;
};

/// All rules of a file. An error names the place of the first mistake.
Result<std::vector<UdevRule>> parse_udev_rules(const Source& source);

} // namespace usb_hotplug::imports
