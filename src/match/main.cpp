// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplug-match: called by udev for every USB device and USB disk, with its properties as its
// environment. Says which guests want it, as properties for udev to import, and which one has the
// disk:
//
//     USB_HOTPLUG_GUESTS=win10 work
//     USB_HOTPLUG_UNIT=usb-hotplug@dev-bus-usb-001-005.service
//     USB_HOTPLUG_GUEST=win10
//
// Nothing that comes from the device is printed: guest names are checked names of files, and the
// unit's name is made of two numbers, or of the kernel's name of the disk. A hub, a device nobody
// wants and one that the user released print nothing. Links nothing but the rule model: it runs for
// every plug on the machine.

#include "base/file.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "host/answers.h"
#include "host/state.h"
#include "host/usb_parent.h"
#include "model/config.h"
#include "model/match.h"
#include "version.h"

#include <cstdio>
#include <exception>
#include <unistd.h>

namespace {

using namespace usb_hotplug;

constexpr std::size_t attribute_max = 4096;

Properties properties_of_environment() {
    Properties properties;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) {
            properties.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return properties;
}

std::optional<std::string> read_attribute(const std::string& syspath, const std::string& name) {
    auto content = read_file(syspath + "/" + name, attribute_max);
    if (!content) {
        return std::nullopt;
    }
    return std::string(trim(*content));
}

/// The device or disk that udev calls for.
Result<Device> device_of_environment() {
    Properties properties = properties_of_environment();
    const auto devpath = properties.find("DEVPATH");
    const std::string syspath = devpath == properties.end() ? "" : "/sys" + devpath->second;
    const AttributeReader attribute = [syspath](const std::string& name) {
        return read_attribute(syspath, name);
    };
    const auto subsystem = properties.find("SUBSYSTEM");
    if (subsystem == properties.end() || subsystem->second != "block") {
        return describe(std::move(properties), attribute);
    }
    const auto usb = usb_parent(syspath);
    return usb ? describe_disk(std::move(properties), attribute, *usb)
               : fail(printable(syspath) + " is on no USB device");
}

/// The guest that has the disk, or is about to get it.
std::optional<std::string> owner_of(const State& state, const std::string& instance,
                                    const std::string& plug) {
    const auto record = state.read_record(instance);
    return record && *record && !plug.empty() && (*record)->plug == plug && !(*record)->cut_off
               ? std::optional((*record)->guest)
               : std::nullopt;
}

/// Prints the properties. An error is a device that is not one, or a broken configuration.
int match() {
    auto device = device_of_environment();
    if (!device) {
        std::fprintf(stderr, "%s\n", device.error().message.c_str());
        return 1;
    }
    if (device->is_hub()) {
        return 0;
    }
    const Configuration configuration = load_configuration();
    for (const ConfigError& error : configuration.errors) {
        std::fprintf(stderr, "%s\n", error.text().c_str());
    }
    const State state(state_folder());
    answer(questions_of(configuration.guests), state, *device);
    const std::string instance = escape_path(device->node);
    const std::string plug = plug_id(device->syspath);
    const auto owner = device->disk ? owner_of(state, instance, plug) : std::nullopt;
    if (owner) {
        std::printf("USB_HOTPLUG_GUEST=%s\n", owner->c_str());
    }
    const auto by_hand = state.read_mark(Mark::ByHand, instance, plug);
    const FindTenant tenant = [&] { return tenant_of(*device, state); };
    const Decision decision =
        decide(*device, configuration.guests, by_hand, device->disk ? FindTenant() : tenant);
    std::vector<std::string> guests;
    for (const Verdict& verdict : decision.verdicts) {
        if (verdict.wanted()) {
            guests.push_back(verdict.guest->name);
        }
    }
    if (guests.empty()) {
        return 0;
    }
    std::printf("USB_HOTPLUG_GUESTS=%s\n", join(guests, " ").c_str());
    const bool has_medium = !device->disk || device->disk->bytes > 0;
    if (!owner && has_medium && !state.read_mark(Mark::Released, instance, plug)) {
        std::printf("USB_HOTPLUG_UNIT=%s\n", device_unit(device->node).c_str());
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view argument = argc > 1 ? argv[1] : "";
    if (argument == "--help" || argument == "-h") {
        std::puts("usb-hotplug-match\n\n"
                  "Says which guests want a USB device or disk. Called by udev, with its\n"
                  "properties in the environment; see usb-hotplug-match(8).\n\n"
                  "  -h --help     Show this help\n"
                  "     --version  Show the version");
        return 0;
    }
    if (argument == "--version") {
        std::puts("usb-hotplug " USB_HOTPLUG_VERSION);
        return 0;
    }
    if (argc > 1) {
        std::fprintf(stderr, "usb-hotplug-match: unexpected argument '%s'; see --help\n",
                     printable(argument, 64).c_str());
        return 2;
    }
    try {
        return match();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "usb-hotplug-match: %s\n", error.what());
        return 1;
    }
}
