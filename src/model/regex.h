// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Regular expressions by RE2: linear time whatever the pattern and the text, in bounded memory.
//
// Linking RE2 would cost every start of usb-hotplug-match, and that runs for every plug on the
// machine. So RE2 is in a module of its own (regex/module.cpp), loaded at the first expression.

#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

extern "C" struct usb_hotplug_regex;

namespace usb_hotplug {

/// A compiled expression. It must fit the whole text; upper and lower case are the same, and "."
/// is any character, a newline too.
class Regex {
public:
    explicit Regex(std::shared_ptr<const usb_hotplug_regex> compiled)
        : compiled_(std::move(compiled)) {}

    /// `text` is any bytes: what is not UTF-8 counts as Latin-1.
    [[nodiscard]] bool matches(std::string_view text) const;
    /// Whether this is the very same expression. True is certain; false is not, as one that was
    /// forgotten meanwhile is compiled again.
    [[nodiscard]] bool is_same(const Regex& other) const { return compiled_ == other.compiled_; }

private:
    std::shared_ptr<const usb_hotplug_regex> compiled_;
};

/// Compiles, once in a process. The error is RE2's words; or why there is no RE2, with ELIBACC.
Result<Regex> compile_regex(const std::string& pattern);

/// Has tests and fuzzers use the module that is not installed yet.
void use_regex_module(const std::string& path);

} // namespace usb_hotplug
