// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A service manager and a hypervisor that say what a test wants, in place of the real ones: the
// program of tests is linked with these and not with host/systemd.cpp and guest/libvirt.cpp.

#pragma once

#include "guest/backend.h"
#include "host/systemd.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace usb_hotplug::test {

/// What the service manager and the hypervisor say and were asked. One for the whole program;
/// fresh() makes it new.
struct Fakes {
    bool bus_answers = true;
    std::set<std::string> units_on;                  ///< targets that are active and shall stay so
    std::map<std::string, std::string> units_active; ///< states of units; else "inactive"
    std::map<std::string, UnitFile> units_files;     ///< else "loaded"
    std::vector<std::string> units_forgotten;        ///< whose failure was forgotten

    std::vector<std::string> units_reloaded;
    /// What starting or stopping a unit does.
    std::function<void(UnitVerb, const std::string&)> job;

    bool hypervisor_answers = true;
    GuestState guest = GuestState::Running;
    std::optional<GuestPorts> ports = GuestPorts{4, 1, true};
    std::function<Result<AttachOutcome>()> attach;
    std::function<Result<DetachOutcome>()> detach;

    std::vector<std::string> connected; ///< domains
    std::vector<Attachment> attached;
    std::vector<std::string> detached; ///< aliases
    std::vector<std::string> cut_off;  ///< aliases
};

Fakes& fakes();
/// Everything works, and no guest is enabled.
Fakes& fresh();

} // namespace usb_hotplug::test
