// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl pause and resume.

#include "service/pause.h"

#include "ctl/ctl.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

std::string counted(std::size_t devices) {
    return std::to_string(devices) + (devices == 1 ? " device" : " devices");
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

int pause(const std::string& guest) {
    World world;
    if (world.configuration().find(guest) == nullptr) {
        return no_such_guest(world, guest);
    }
    const auto report = pause_guest(world, guest);
    if (report) {
        std::printf("%s is paused and gave %s back; 'usb-hotplugctl resume %s' ends that\n",
                    guest.c_str(), counted(report->moved).c_str(), guest.c_str());
    }
    return say_failures(report);
}

int resume(const std::string& guest) {
    World world;
    if (world.configuration().find(guest) == nullptr) {
        return no_such_guest(world, guest);
    }
    if (!world.state().is_paused(guest)) {
        std::printf("%s is not paused\n", guest.c_str());
        return exit_success;
    }
    const auto report = resume_guest(world, guest);
    if (report) {
        std::printf("%s goes on; %s given again\n", guest.c_str(), counted(report->moved).c_str());
    }
    return say_failures(report);
}

} // namespace usb_hotplug::ctl
