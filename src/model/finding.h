// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What `usb-hotplugctl check` finds. Every check adds to one list of these, and none prints.

#pragma once

#include "model/config.h"
#include "model/rule.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

enum class Severity {
    Note,    ///< no mistake, but what one may have forgotten
    Warning, ///< works, but not as whoever wrote it may think
    Error,   ///< does not work
};

/// "note", "warning", "error".
std::string_view severity_text(Severity severity);

struct Finding {
    Severity severity = Severity::Warning;
    /// Names the kind of finding, and never changes: "rule-shadowed". usb-hotplugctl(1) lists all.
    std::string code;
    std::string what;         ///< a sentence, printable
    std::string advice;       ///< what to do about it, printable; may be empty
    std::string guest;        ///< whose configuration it is about; empty when it is about no guest
    std::string device;       ///< port of the plugged device that it is about; may be empty
    std::string file;         ///< as the system names it, not made printable; may be empty
    std::uint32_t line = 0;   ///< from 1; 0 is the file as a whole
    std::uint32_t column = 0; ///< from 1; 0 is the line as a whole
};

/// A finding about a guest's file as a whole.
Finding guest_finding(Severity severity, std::string code, const Guest& guest);

/// A finding about one rule.
Finding rule_finding(Severity severity, std::string code, const Guest& guest, const Rule& rule);

std::size_t count(const std::vector<Finding>& findings, Severity severity);

/// The mistakes that reading the configuration found, all of them errors; and config-kept, a note,
/// of each guest whose rules of an earlier file are in force meanwhile.
std::vector<Finding> config_findings(const Configuration& configuration);

} // namespace usb_hotplug
