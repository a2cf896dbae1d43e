// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ctl/terminal.h"

#include <cstdio>
#include <cstdlib>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace usb_hotplug::ctl {

namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Terminal look_at_output() {
    Terminal found;
    found.is_terminal = isatty(STDOUT_FILENO) == 1;
    const std::string_view kind = variable("TERM");
    // https://no-color.org: set and not empty.
    found.has_colours =
        found.is_terminal && !kind.empty() && kind != "dumb" && variable("NO_COLOR").empty();
    found.has_utf8 = found.is_terminal && std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    winsize size = {};
    if (found.is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        found.columns = size.ws_col;
    }
    return found;
}

/// SGR parameters (ECMA-48, 8.3.117).
const char* sequence_of(Colour colour) {
    switch (colour) {
    case Colour::Plain:
        break;
    case Colour::Good:
        return "\x1b[32m";
    case Colour::Bad:
        return "\x1b[31m";
    case Colour::Pending:
        return "\x1b[33m";
    case Colour::Faint:
        return "\x1b[90m";
    }
    return "";
}

enum class Output { Fine, Closed, Failed };

/// How writing went; the stream itself forgets why it failed, and a pager takes its place.
Output output = Output::Fine;

/// Whether standard output is a pipe that nobody has the other end of.
bool has_no_reader() {
    pollfd look = {STDOUT_FILENO, 0, 0};
    return poll(&look, 1, 0) == 1 && (look.revents & POLLERR) != 0;
}

void flush() {
    const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
    if (failed && output == Output::Fine) {
        output = has_no_reader() ? Output::Closed : Output::Failed;
    }
}

} // namespace

const Terminal& terminal() {
    static const Terminal found = look_at_output();
    return found;
}

Colour colour_of_state(std::string_view state) {
    if (state == "attached" || state == "running") {
        return Colour::Good;
    }
    if (state == "failed" || state == "missing" || state == "unknown") {
        return Colour::Bad;
    }
    if (state == "waiting" || state == "moving" || state == "ready" || state == "paused") {
        return Colour::Pending;
    }
    return Colour::Plain;
}

const char* colour_name(Colour colour) {
    switch (colour) {
    case Colour::Plain:
        break;
    case Colour::Good:
        return "green";
    case Colour::Bad:
        return "red";
    case Colour::Pending:
        return "yellow";
    case Colour::Faint:
        return "darkgray";
    }
    return nullptr;
}

std::string coloured(Colour colour, const std::string& text) {
    return terminal().has_colours && colour != Colour::Plain
               ? sequence_of(colour) + text + "\x1b[0m"
               : text;
}

bool finish_output() {
    flush();
    return output != Output::Failed;
}

bool is_output_closed() {
    flush();
    return output != Output::Fine;
}

} // namespace usb_hotplug::ctl
