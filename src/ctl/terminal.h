// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What standard output is: a terminal or not, and what that one can show; and the pager on it.

#pragma once

#include "base/handles.h"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace usb_hotplug::ctl {

struct Terminal {
    bool is_terminal = false;
    bool has_colours = false; ///< and the user has not said NO_COLOR
    bool has_utf8 = false;
    unsigned int columns = 80;
};

/// What standard output was at the first call, which must come before a pager takes its place.
const Terminal& terminal();

enum class Colour { Plain, Good, Bad, Pending, Faint };

/// The colour of a state, as list shows it: "attached" is good, "failed" bad.
Colour colour_of_state(std::string_view state);

/// As libsmartcols names it, or null for none.
const char* colour_name(Colour colour);

/// The text in this colour, if the terminal has any.
std::string coloured(Colour colour, const std::string& text);

/// Shows what is printed while it lives, as systemctl does (systemctl(1), "Environment"), if
/// standard output is a terminal.
class Pager {
public:
    explicit Pager(bool wanted);
    Pager(const Pager&) = delete;
    Pager& operator=(const Pager&) = delete;
    /// Waits until the user has seen enough.
    ~Pager();

private:
    pid_t child_ = -1;
    UniqueFd output_; ///< what was standard output and standard error
    UniqueFd errors_;
};

/// Writes out what was printed. False when that failed, and it was not for want of a reader: a pipe
/// that was closed early (`| head`) is none of our business.
bool finish_output();

/// Whether nobody reads what is printed any more.
bool is_output_closed();

} // namespace usb_hotplug::ctl
