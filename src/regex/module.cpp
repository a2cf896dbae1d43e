// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The module with RE2, which model/regex.cpp loads. Nothing else includes RE2: it can bring all of
// Abseil along.

#include "model/regex_module.h"

#include <cstdint>
#include <cstdio>
#include <re2/re2.h>
#include <string>

struct usb_hotplug_regex {
    RE2 compiled;
};

namespace {

/// For the program and, when matching, its automaton; a larger one is searched more slowly, still
/// in linear time. The largest sensible pattern takes some kilobytes.
constexpr std::int64_t memory_max = std::int64_t{1} << 20U;

RE2::Options options() {
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_dot_nl(true);
    options.set_never_capture(true);
    options.set_log_errors(false);
    options.set_max_mem(memory_max);
    return options;
}

} // namespace

extern "C" {

[[gnu::visibility("default")]] usb_hotplug_regex*
usb_hotplug_regex_compile(const char* pattern, std::size_t length, char* error, std::size_t size) {
    auto* regex = new usb_hotplug_regex{RE2(std::string(pattern, length), options())};
    if (!regex->compiled.ok()) {
        (void)std::snprintf(error, size, "%s", regex->compiled.error().c_str());
        delete regex;
        return nullptr;
    }
    return regex;
}

[[gnu::visibility("default")]] bool
usb_hotplug_regex_matches(const usb_hotplug_regex* regex, const char* text, std::size_t length) {
    return RE2::FullMatch({text, length}, regex->compiled);
}

[[gnu::visibility("default")]] void usb_hotplug_regex_free(usb_hotplug_regex* regex) {
    delete regex;
}
}
