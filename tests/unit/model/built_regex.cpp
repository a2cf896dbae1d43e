// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Regular expressions in a program of tests: by the module of this build, not the installed one.

#include "model/regex.h"

namespace {

[[maybe_unused]] const bool chosen = [] {
    usb_hotplug::use_regex_module(USB_HOTPLUG_BUILT_REGEX);
    return true;
}();

} // namespace
