// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adding a rule to a guest's file. Pure: the text before, the text after.

#pragma once

#include "model/config.h"
#include "model/device.h"
#include "model/rule.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace usb_hotplug {

/// What adding a rule came to.
struct Addition {
    enum Kind {
        Added,
        Broken,        ///< the file has mistakes already: `problem`, one to a line
        AlreadyWanted, ///< by the [[usb]] rule `by`
        Excepted,      ///< the [[except]] rule `by` would keep the device away all the same
        NotPossible,   ///< the text would not be in order, or not want the device: `problem`
    } kind = Added;
    std::string content;    ///< the whole new text, when it was added
    std::uint32_t line = 0; ///< of the rule in it, from 1
    std::string problem;
    Guest guest; ///< as it was before, unless Broken
    Rule by;
};

/// Adds `rule` (whole lines of TOML) to the end of a guest's text, which stays byte for byte what
/// it was. `device` is what the rule was made for, with all that rules ask about it; `name` and
/// `file` are the guest's, for messages.
Addition add_rule(const std::string& name, const std::string& file, const std::string& content,
                  std::string_view rule, const Device& device);

} // namespace usb_hotplug
