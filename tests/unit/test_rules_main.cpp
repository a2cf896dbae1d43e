// SPDX-License-Identifier: LGPL-2.1-or-later
#define DOCTEST_CONFIG_IMPLEMENT
#include "model/regex.h"

#include <doctest/doctest.h>

int main(int argc, char** argv) {
    usb_hotplug::use_regex_module(USB_HOTPLUG_BUILT_REGEX);
    return doctest::Context(argc, argv).run();
}
