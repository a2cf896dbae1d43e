// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/check.h"

#include "base/text.h"
#include "base/unit_name.h"
#include "host/devices.h"
#include "host/in_use.h"
#include "host/keyboards.h"
#include "model/check_rules.h"
#include "service/check_host.h"
#include "service/check_installation.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <set>
#include <tuple>

namespace usb_hotplug {

namespace {

/// bInterfaceClass, -SubClass and -Protocol of a boot keyboard (HID 1.11, section 4.2 and 4.3).
constexpr UsbClass boot_keyboard = {3, 1, 1};

void append(std::vector<Finding>& all, std::vector<Finding> some) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
}

Finding unknown_devices(const Error& error) {
    Finding finding;
    finding.code = "devices-unknown";
    finding.what = printable(error.message, 1000);
    finding.advice = "what the rules would do to the plugged devices was not looked at";
    return finding;
}

bool is_boot_keyboard(const Device& device) {
    return std::any_of(device.interfaces.begin(), device.interfaces.end(), [](const UsbClass& i) {
        return i.base == boot_keyboard.base && i.subclass == boot_keyboard.subclass &&
               i.protocol == boot_keyboard.protocol;
    });
}

/// The host does not see the keyboard that a guest has, but knows its interfaces.
bool has_keyboard(const World& world, const Device& device, const Keyboards& keyboards) {
    const auto record = world.state().read_record(escape_path(device.node));
    const bool passed = record && *record && (*record)->plug == plug_id(device.syspath);
    return keyboards.usb.contains(device.syspath) || (passed && is_boot_keyboard(device));
}

/// What the hypervisor says of one guest; nothing when all is well.
std::optional<Finding> ask_hypervisor(World& world, const Guest& guest,
                                      std::set<std::string>& unreachable) {
    const auto backend = world.backend(guest.address);
    const auto state =
        backend ? (*backend)->state() : Result<GuestState>(tl::unexpected<Error>(backend.error()));
    if (!state) {
        unreachable.insert(guest.address.target);
        Finding finding;
        finding.code = "hypervisor-unreachable";
        finding.what = printable(state.error().message, 1000);
        finding.advice = "its guests get no device, and whether it knows them was not looked at";
        return finding;
    }
    if (*state != GuestState::Missing) {
        return std::nullopt;
    }
    Finding finding = guest_finding(Severity::Warning, "guest-missing", guest);
    finding.what = printable(guest.address.target) + " has no domain '" +
                   printable(guest.address.domain) + "'";
    finding.advice = "say domain = \"...\" in [guest], or define it";
    return finding;
}

/// Of a guest that the hypervisor knows.
std::vector<Finding> look_at_ports(World& world, const Guest& guest) {
    const auto backend = world.backend(guest.address);
    const auto ports = backend ? (*backend)->ports() : Result<std::optional<GuestPorts>>();
    return ports && *ports ? check_ports(guest, **ports) : std::vector<Finding>();
}

/// This program can get there, but the services cannot: they have no network and no keys.
std::optional<Finding> note_if_remote(const Guest& guest) {
    if (!is_remote(guest.address)) {
        return std::nullopt;
    }
    Finding finding = guest_finding(Severity::Warning, "hypervisor-remote", guest);
    finding.what = "the services may not connect to " + printable(guest.address.target) +
                   ", as they reach sockets of this machine alone";
    finding.advice = "say connect = \"qemu:///system\", or allow it as in usb-hotplug@.service(8)";
    return finding;
}

/// This program sees the socket, but the services have a /tmp of their own and no homes
/// (PrivateTmp= and ProtectHome= in systemd.exec(5)).
std::optional<Finding> note_if_hidden(const Guest& guest) {
    static constexpr std::array<std::string_view, 5> hidden = {"/tmp/", "/var/tmp/", "/home/",
                                                               "/root/", "/run/user/"};
    if (guest.address.kind != BackendKind::Qmp ||
        std::none_of(hidden.begin(), hidden.end(), [&](std::string_view folder) {
            return guest.address.target.starts_with(folder);
        })) {
        return std::nullopt;
    }
    Finding finding = guest_finding(Severity::Error, "qmp-hidden", guest);
    finding.what = "the services do not see the QMP socket " + printable(guest.address.target) +
                   ", as temporary and home folders are hidden from them";
    finding.advice = "have QEMU make it in a folder of its own in /run";
    return finding;
}

/// Not a mistake, but what one forgets after writing the file.
std::optional<Finding> note_if_disabled(World& world, const Guest& guest) {
    const std::string target = guest_target(guest.name);
    const auto systemd = world.systemd();
    if (!systemd || (*systemd)->is_on(target).value_or(true)) {
        return std::nullopt;
    }
    Finding finding = guest_finding(Severity::Note, "guest-not-enabled", guest);
    finding.what = "not enabled";
    finding.advice = "'systemctl enable --now " + target + "' does";
    return finding;
}

std::vector<Finding> check_installation(World& world, const Plugged& plugged) {
    std::vector<Finding> findings = check_files(installed_paths());
    // A rule that is not there has not run either.
    if (findings.empty()) {
        std::vector<Device> devices;
        for (const PluggedDevice& device : plugged.devices) {
            devices.push_back(device.device);
        }
        append(findings, check_tags(devices));
    }
    append(findings, check_units(world.systemd(), world.configuration().guests));
    return findings;
}

} // namespace

std::vector<Finding> check_guests(World& world) {
    const Configuration& configuration = world.configuration();
    std::vector<Finding> findings;
    if (configuration.guests.empty() && configuration.errors.empty()) {
        Finding& finding = findings.emplace_back();
        finding.code = "no-guest";
        finding.what = "no guest is configured";
        finding.advice = "there is no file in " + join(configuration_folders());
    }
    std::set<std::string> unreachable;
    for (const Guest& guest : configuration.in_order()) {
        if (!unreachable.contains(guest.address.target)) {
            auto finding = ask_hypervisor(world, guest, unreachable);
            if (finding) {
                findings.push_back(std::move(*finding));
            } else {
                append(findings, look_at_ports(world, guest));
            }
        }
        if (auto finding = note_if_remote(guest)) {
            findings.push_back(std::move(*finding));
        }
        if (auto finding = note_if_hidden(guest)) {
            findings.push_back(std::move(*finding));
        }
        if (auto finding = note_if_disabled(world, guest)) {
            findings.push_back(std::move(*finding));
        }
    }
    return findings;
}

Plugged look_at_devices(World& world, std::vector<Finding>& findings) {
    Plugged plugged;
    auto devices = list_devices();
    const auto keyboards = list_keyboards();
    if (!devices || !keyboards) {
        findings.push_back(unknown_devices(devices ? keyboards.error() : devices.error()));
        return plugged;
    }
    plugged.other_keyboard = keyboards->other;
    for (Device& device : *devices) {
        PluggedDevice& each = plugged.devices.emplace_back();
        each.has_keyboard = has_keyboard(world, device, *keyboards);
        each.device = world.answered(std::move(device));
        // All disks behind a hub are below its folder.
        if (!each.device.is_hub()) {
            // What cannot be told, as without root's rights, is no reason for a warning.
            if (auto use = host_use(each.device.syspath); use && use->is_certain) {
                each.host_use = std::move(use->what);
            }
        }
    }
    return plugged;
}

std::vector<Finding> check_world(World& world) {
    const Configuration& configuration = world.configuration();
    std::vector<Finding> findings = config_findings(configuration);
    const std::vector<Guest> guests = configuration.in_order();
    append(findings, check_rules(guests));
    const Plugged plugged = look_at_devices(world, findings);
    append(findings, check_devices(guests, plugged));
    append(findings, check_guests(world));
    if (std::getenv("USB_HOTPLUG_ROOT") == nullptr) {
        append(findings, check_installation(world, plugged));
        append(findings, check_others(world.systemd()));
    }
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
    return findings;
}

} // namespace usb_hotplug
