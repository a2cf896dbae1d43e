// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplug-guest: the watcher of one guest, run by usb-hotplug-guest@.service. See
// usb-hotplug-guest@.service(8).

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "service/in_force.h"
#include "version.h"
#include "watcher/watcher.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace {

using namespace usb_hotplug;

constexpr int exit_usage = 2;
constexpr int exit_configuration = 78; // EX_CONFIG of sysexits(3)
constexpr auto release_limit = std::chrono::seconds(80);

constexpr const char* help =
    "usb-hotplug-guest VERB GUEST\n\n"
    "Keeps a guest's USB devices right. Run by usb-hotplug-guest@.service;\n"
    "see usb-hotplug-guest@.service(8).\n\n"
    "  watch GUEST    Follow the guest, starting and stopping device units\n"
    "  release GUEST  Give its devices back if its target is not active\n\n"
    "  -h --help      Show this help\n"
    "     --version   Show the version";

int watch(const std::string& name) {
    const World world;
    const Guest* guest = world.configuration().find(name);
    std::string errors = world.configuration().errors_of(name);
    if (guest == nullptr && errors.empty()) {
        errors = "Guest " + printable(name) + " has no configuration; there is no " +
                 printable(name) + ".toml in " + join(configuration_folders());
    }
    log_mistakes(name, errors);
    if (guest == nullptr) {
        return exit_configuration;
    }
    const auto ended = Watcher(*guest).run();
    if (!ended) {
        log(Level::Error, message_id::hypervisor_lost, ended.error().message,
            {{field::guest, name}});
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/// A guest whose file is broken is as good as disabled (systemd.exec(5), $EXIT_STATUS).
bool configuration_was_broken() {
    const char* status = std::getenv("EXIT_STATUS");
    return status != nullptr && std::string_view(status) == std::to_string(exit_configuration);
}

Result<> release(const std::string& name) {
    auto systemd = Systemd::open();
    if (!systemd) {
        return forward(systemd);
    }
    auto enabled = systemd->is_on(guest_target(name));
    if (!enabled) {
        return forward(enabled);
    }
    if (*enabled && !configuration_was_broken()) {
        return {};
    }
    const State state(state_folder());
    std::vector<std::string> units;
    for (const AttachRecord& record : state.records()) {
        if (record.guest == name) {
            units.push_back("usb-hotplug@" + record.instance + ".service");
        }
    }
    auto results = systemd->run(UnitVerb::Stop, units, release_limit);
    if (!results) {
        return forward(results);
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (!(*results)[i].done()) {
            return fail("Stopping " + units[i] + " ended with '" + (*results)[i].result +
                        "'; see 'systemctl status " + units[i] + "'");
        }
    }
    if (auto forgotten = forget_in_force(name); !forgotten) {
        return forgotten;
    }
    // No user has released them one by one: enabled again, the guest gets them all.
    state.forget_released(name);
    World world;
    forget_stale_failures(world);
    return {};
}

int run(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "--help" || verb == "-h") {
        std::puts(help);
        return 0;
    }
    if (verb == "--version") {
        std::puts("usb-hotplug " USB_HOTPLUG_VERSION);
        return 0;
    }
    if (argc != 3 || (verb != "watch" && verb != "release") || !is_guest_name(argv[2])) {
        std::fputs("usb-hotplug-guest: expected a verb, watch or release, and a guest's name; "
                   "see --help\n",
                   stderr);
        return exit_usage;
    }
    if (verb == "watch") {
        return watch(argv[2]);
    }
    const auto released = release(argv[2]);
    if (!released) {
        log(Level::Error, message_id::detach_failed, released.error().message,
            {{field::guest, argv[2]}});
    }
    return released ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        log(Level::Error, "", std::string("usb-hotplug-guest: ") + error.what());
        return EXIT_FAILURE;
    }
}
