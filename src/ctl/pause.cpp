// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl pause and resume.

#include "service/pause.h"

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

/// `moved` is how many devices went back, or to the guest.
void say_as_json(const std::string& guest, bool paused, std::size_t moved) {
    Json document = new_json();
    document["guest"] = guest;
    document["paused"] = paused;
    document["devices"] = moved;
    print_json(document);
}

/// What went wrong, if anything did, one line each.
int say_failures(const Result<PauseReport>& report) {
    if (!report) {
        return not_written(report.error());
    }
    int status = exit_success;
    for (const std::string& failure : report->failures) {
        status = complain(failure);
    }
    return status;
}

} // namespace

int pause(const std::string& guest, bool json) {
    World world;
    if (world.configuration().find(guest) == nullptr) {
        return no_such_guest(world, guest);
    }
    const auto report = pause_guest(world, guest);
    if (report && json) {
        say_as_json(guest, true, report->moved);
    } else if (report) {
        std::printf("%s is paused and gave %s back; 'usb-hotplugctl resume %s' ends that\n",
                    guest.c_str(), counted(report->moved, "device").c_str(), guest.c_str());
    }
    return say_failures(report);
}

int resume(const std::string& guest, bool json) {
    World world;
    if (world.configuration().find(guest) == nullptr) {
        return no_such_guest(world, guest);
    }
    if (!world.state().is_paused(guest)) {
        if (json) {
            say_as_json(guest, false, 0);
        } else {
            std::printf("%s is not paused\n", guest.c_str());
        }
        return exit_success;
    }
    const auto report = resume_guest(world, guest);
    if (report && json) {
        say_as_json(guest, false, report->moved);
    } else if (report) {
        std::printf("%s goes on; %s given again\n", guest.c_str(),
                    counted(report->moved, "device").c_str());
    }
    return say_failures(report);
}

} // namespace usb_hotplug::ctl
