// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/check_host.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace usb_hotplug {

namespace {

/// What the README says, too.
constexpr const char* more_ports =
    "say <controller type='usb' model='qemu-xhci' ports='15'/> in its XML ('virsh edit')";

struct Other {
    const char* units;
    const char* code;
    const char* what;
    const char* advice;
};

constexpr std::array others = {
    Other{"usbguard.service", "usbguard-active",
          "usbguard is running, and a device that it blocks goes to no guest",
          "'usbguard list-devices --blocked' shows those, and 'usbguard allow-device' allows one"},
    Other{"usbmuxd.service", "usbmuxd-active",
          "usbmuxd is running, and takes iPhones and iPads when they are plugged in",
          "if a guest shall have them, 'systemctl mask --now usbmuxd.service'"},
    Other{"brltty*.service", "brltty-active",
          "brltty is running, and takes serial adapters for braille displays",
          "if nobody here needs one, remove brltty, or 'systemctl mask --now brltty.service'"},
};

} // namespace

std::vector<Finding> check_ports(const Guest& guest, const GuestPorts& ports) {
    std::vector<Finding> findings;
    if (!guest.address.target.starts_with("qemu")) {
        return findings;
    }
    if (!ports.has_usb3) {
        Finding& finding =
            findings.emplace_back(guest_finding(Severity::Warning, "guest-no-usb3", guest));
        finding.what = "domain '" + printable(guest.address.domain) +
                       "' has no USB 3 controller, and cannot have devices of that speed";
        finding.advice = more_ports;
    } else if (ports.free() == 0) {
        Finding& finding =
            findings.emplace_back(guest_finding(Severity::Note, "guest-ports-full", guest));
        finding.what = "all " + std::to_string(ports.all) + " USB ports of domain '" +
                       printable(guest.address.domain) + "' are taken";
        finding.advice = std::string("if it shall have more devices, ") + more_ports;
    }
    return findings;
}

std::vector<Finding> check_others(const Result<Systemd*>& systemd) {
    std::vector<Finding> findings;
    for (const Other& other : others) {
        const auto units = systemd ? (*systemd)->list(other.units)
                                   : Result<std::vector<UnitState>>(std::vector<UnitState>());
        if (units && std::any_of(units->begin(), units->end(),
                                 [](const UnitState& unit) { return unit.is_active(); })) {
            Finding& finding = findings.emplace_back();
            finding.severity = Severity::Note;
            finding.code = other.code;
            finding.what = other.what;
            finding.advice = other.advice;
        }
    }
    return findings;
}

} // namespace usb_hotplug
