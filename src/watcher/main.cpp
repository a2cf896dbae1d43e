// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplug-guest: the watcher of one guest, run by usb-hotplug-guest@.service. See
// usb-hotplug-guest@.service(8).

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "service/in_force.h"
#include "service/pause.h"
#include "version.h"
#include "watcher/watcher.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <thread>

namespace {

using namespace usb_hotplug;

constexpr int exit_usage = 2;
constexpr int exit_configuration = 78; // EX_CONFIG of sysexits(3)
constexpr auto release_limit = std::chrono::seconds(80);
constexpr auto bus_patience = std::chrono::seconds(15);
constexpr auto bus_pause = std::chrono::milliseconds(300);

constexpr const char* help =
    "usb-hotplug-guest VERB [GUEST]\n\n"
    "Keeps a guest's USB devices right. Run by usb-hotplug-guest@.service;\n"
    "see usb-hotplug-guest@.service(8).\n\n"
    "  watch GUEST    Follow the guest, starting and stopping device units\n"
    "  release GUEST  Give its devices back if its target is not active\n"
    "  sleep          Give the devices of all guests back until wake\n"
    "  wake           Give them again\n\n"
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

/// Whether the target is on. The bus may be restarting, which may even be why this runs.
Result<bool> is_enabled(const std::string& name) {
    const auto end = std::chrono::steady_clock::now() + bus_patience;
    for (;;) {
        auto systemd = Systemd::open();
        auto enabled = systemd ? systemd->is_on(guest_target(name))
                               : Result<bool>(tl::unexpected<Error>(systemd.error()));
        if (enabled || std::chrono::steady_clock::now() > end) {
            return enabled;
        }
        std::this_thread::sleep_for(bus_pause);
    }
}

Result<> release(const std::string& name) {
    auto enabled = is_enabled(name);
    if (!enabled) {
        return forward(enabled);
    }
    auto systemd = Systemd::open();
    if (!systemd) {
        return forward(systemd);
    }
    if (*enabled && !configuration_was_broken()) {
        return {};
    }
    const State state(state_folder());
    std::vector<std::string> units;
    for (const AttachRecord& record : state.records()) {
        if (record.guest == name) {
            units.push_back(device_unit_of(record.instance));
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
    for (const Mark mark : {Mark::Released, Mark::Kept}) {
        state.forget_marks(mark, name);
    }
    if (auto resumed = state.resume(name); !resumed) {
        return resumed;
    }
    World world;
    forget_stale_failures(world);
    return {};
}

/// The machine sleeps whatever comes of it: what went wrong is only said.
int nap(bool asleep) {
    World world;
    const auto report = asleep ? fall_asleep(world) : wake_up(world);
    const std::string_view id = asleep ? message_id::detach_failed : message_id::attach_failed;
    if (!report) {
        log(Level::Error, id, report.error().message);
        return EXIT_FAILURE;
    }
    for (const std::string& failure : report->failures) {
        log(Level::Warning, id, failure);
    }
    log(Level::Info, "",
        counted(report->moved, "device") +
            (asleep ? " given back for the sleep of the machine" : " given again after the sleep"));
    return EXIT_SUCCESS;
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
    if (argc == 2 && (verb == "sleep" || verb == "wake")) {
        return nap(verb == "sleep");
    }
    if (argc != 3 || (verb != "watch" && verb != "release") || !is_guest_name(argv[2])) {
        std::fputs(
            "usb-hotplug-guest: expected sleep, wake, or watch or release and a guest's name; "
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
