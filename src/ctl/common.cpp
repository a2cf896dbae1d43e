// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "host/disks.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

bool is_meant(const Device& device, const std::string& word) {
    if (word == device.node || node_of_device_unit(word) == device.node ||
        node_of_device_unit(word + ".service") == device.node) {
        return true;
    }
    // A disk has its port and its number from the USB device, which is meant by them.
    return device.disk ? word == device.disk->name
                       : word == device.port || lower(word) == device.id_text();
}

/// "1-4 (SanDisk Cruzer Blade)": the device with the word in its name, else that with a name by
/// which it can be meant that is near the word; empty when there is none.
std::string perhaps_meant(const std::string& word, const std::vector<Device>& devices) {
    const auto text = [](const std::string& name, const Device& device) {
        return printable(name) + (device.name().empty() ? "" : " (" + device.name() + ")");
    };
    constexpr std::size_t shortest_word = 3;
    for (const Device& device : devices) {
        if (word.size() >= shortest_word &&
            lower(device.name()).find(lower(word)) != std::string::npos) {
            return text(device.port, device);
        }
    }
    for (const auto& name_of : {+[](const Device& device) { return device.port; },
                                +[](const Device& device) { return device.id_text(); },
                                +[](const Device& device) { return device.node; }}) {
        std::vector<std::string> names(devices.size());
        std::transform(devices.begin(), devices.end(), names.begin(), name_of);
        const auto near = nearest(word, std::vector<std::string_view>(names.begin(), names.end()));
        const auto at = near ? std::find(names.begin(), names.end(), *near) : names.end();
        if (at != names.end()) {
            return text(*at, devices[static_cast<std::size_t>(at - names.begin())]);
        }
    }
    return {};
}

} // namespace

std::string what_of(const Device& device) {
    return device.disk ? "disk, " + size_text(device.disk->bytes) +
                             (device.disk->serial.empty()
                                  ? ""
                                  : ", serial " + printable(device.disk->serial, 64))
                       : device.name();
}

std::string twins_text(const std::string& what, const std::vector<Device>& twins) {
    std::string text = "Several devices " + what + "; say which by its port:";
    for (const Device& twin : twins) {
        text += "\n  " + printable(twin.port) + "  " + twin.node + "  " + twin.name() +
                (twin.serial.empty() ? "" : ", serial " + printable(twin.serial, 64));
    }
    return text;
}

int complain(const std::string& message, int status) {
    std::fprintf(stderr, "usb-hotplugctl: %s\n", message.c_str());
    return status;
}

Result<Device> find_meant(const std::string& word) {
    auto devices = list_devices_and_disks();
    if (!devices) {
        complain(devices.error().message);
        return fail(devices.error().message, exit_failure);
    }
    return find_meant(word, std::move(*devices));
}

Result<Device> find_meant(const std::string& word, std::vector<Device> devices) {
    const std::string other = perhaps_meant(word, devices);
    std::erase_if(devices, [&](const Device& device) { return !is_meant(device, word); });
    if (devices.empty()) {
        const std::string message =
            "No plugged USB device is '" + printable(word, 256) + "'; " +
            (!other.empty()
                 ? "did you mean " + other + "?"
                 : "name it by port (1-4.2), node (/dev/bus/usb/001/005, of a disk /dev/sdb), "
                   "vendor:product or unit, as 'usb-hotplugctl list' shows them");
        complain(message);
        return fail(message, exit_no_device);
    }
    if (devices.size() > 1) {
        complain(twins_text("are '" + printable(word, 64) + "'", devices));
        return fail("several devices", exit_several);
    }
    return std::move(devices.front());
}

void print_mistakes(const World& world) {
    for (const ConfigError& error : world.configuration().errors) {
        std::fprintf(stderr, "%s\n", error.text().c_str());
    }
}

int no_such_guest(const World& world, const std::string& guest) {
    std::string message = "No guest '" + printable(guest, 64) + "' is configured";
    const std::string errors = world.configuration().errors_of(guest);
    std::vector<std::string_view> names;
    for (const Guest& known : world.configuration().guests) {
        names.emplace_back(known.name);
    }
    if (!errors.empty()) {
        message = "The configuration of guest " + guest + " is broken:\n" + errors;
    } else if (const auto meant = nearest(guest, names)) {
        message += "; did you mean '" + std::string(*meant) + "'?";
    }
    return complain(message, exit_no_guest);
}

int not_written(const Error& error) {
    return complain(error.message + (error.code == EACCES ? "; are you root?" : ""));
}

int say_moved(World& world, const Device& device, const std::string& text, bool json) {
    if (json) {
        Json document = new_json();
        document["device"] = device_json(device, situation_of(world, device));
        print_json(document);
    } else {
        std::printf("%s\n", text.c_str());
    }
    return exit_success;
}

} // namespace usb_hotplug::ctl
