// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl check: every mistake in the configuration, and what the machine lacks for it.

#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

/// What keeps a guest whose file is in order from getting devices.
std::vector<std::string> warnings_of(World& world, const Guest& guest) {
    std::vector<std::string> warnings;
    const auto backend = world.backend(guest.address);
    const auto state =
        backend ? (*backend)->state() : Result<GuestState>(tl::unexpected<Error>(backend.error()));
    if (!state) {
        warnings.push_back(state.error().message);
    } else if (*state == GuestState::Missing) {
        warnings.push_back(printable(guest.address.target) + " has no domain '" +
                           printable(guest.address.domain) +
                           "'; say domain = \"...\" in [guest], or define it");
    }
    if (guest.usb.empty()) {
        warnings.emplace_back("there is no [[usb]] rule, so the guest gets nothing");
    }
    return warnings;
}

/// Not a mistake, but what one forgets after writing the file.
void note_if_disabled(World& world, const Guest& guest) {
    const std::string target = guest_target(guest.name);
    const auto systemd = world.systemd();
    const auto enabled = systemd ? (*systemd)->is_on(target) : Result<bool>(true);
    if (enabled && !*enabled) {
        std::printf("%s: note: not enabled; 'systemctl enable --now %s' does\n", guest.file.c_str(),
                    target.c_str());
    }
}

} // namespace

int check() {
    World world;
    const Configuration& configuration = world.configuration();
    for (const ConfigError& error : configuration.errors) {
        std::printf("%s\n", error.text().c_str());
    }
    std::size_t warnings = 0;
    for (const Guest& guest : configuration.guests) {
        for (const std::string& warning : warnings_of(world, guest)) {
            std::printf("%s: warning: %s\n", guest.file.c_str(), warning.c_str());
            ++warnings;
        }
        note_if_disabled(world, guest);
    }
    if (configuration.guests.empty() && configuration.errors.empty()) {
        std::printf("No guest is configured; there is no file in %s\n",
                    join(configuration_folders()).c_str());
        return exit_failure;
    }
    const auto count = [](std::size_t n, const char* what) {
        return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
    };
    std::printf("%s in order, %s, %s\n", count(configuration.guests.size(), "guest").c_str(),
                count(configuration.errors.size(), "error").c_str(),
                count(warnings, "warning").c_str());
    return !configuration.errors.empty() ? exit_usage : warnings > 0 ? exit_failure : exit_success;
}

} // namespace usb_hotplug::ctl
