// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the module with RE2 offers. In C, so that it can be looked up by name; the module and the
// programs are always of the same version.

#pragma once

#include <cstddef>

extern "C" {

struct usb_hotplug_regex;

/// Null when the pattern is wrong or needs too much memory; why is then in `error`, cut to `size`
/// bytes with a NUL at the end.
usb_hotplug_regex* usb_hotplug_regex_compile(const char* pattern, std::size_t length, char* error,
                                             std::size_t size);
/// Whether the whole text fits. `text` is valid UTF-8.
bool usb_hotplug_regex_matches(const usb_hotplug_regex* regex, const char* text,
                               std::size_t length);
void usb_hotplug_regex_free(usb_hotplug_regex* regex);
}
