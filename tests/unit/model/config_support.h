// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tables of broken configuration files: each with exactly what is said about it.

#pragma once

#include "model/config.h"

#include <doctest/doctest.h>
#include <initializer_list>
#include <string>
#include <string_view>

namespace usb_hotplug::test {

struct Broken {
    std::string_view what;
    std::string_view content;
    std::string_view said; ///< one line for each mistake
};

inline Configuration parsed(std::string_view content) {
    Configuration configuration;
    parse_guest("win10", "win10.toml", content, configuration);
    return configuration;
}

inline void check_messages(std::initializer_list<Broken> table) {
    for (const Broken& broken : table) {
        CAPTURE(broken.what);
        CAPTURE(broken.content);
        const Configuration configuration = parsed(broken.content);
        CHECK(configuration.guests.empty());
        CHECK(configuration.errors_of("win10") == broken.said);
    }
}

} // namespace usb_hotplug::test
