// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl: see and move the USB devices of guests. See usb-hotplugctl(1).

#include "ctl/ctl.h"
#include "version.h"

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <exception>

namespace {

using namespace usb_hotplug;

int run(int argc, char** argv) {
    CLI::App app("See and move the USB devices of virtual machines", "usb-hotplugctl");
    app.set_version_flag("--version", "usb-hotplug " USB_HOTPLUG_VERSION);
    app.require_subcommand(1);
    app.footer("DEVICE is a port (1-4.2), a node (/dev/bus/usb/001/005), vendor:product or\n"
               "a unit (usb-hotplug@dev-bus-usb-001-005.service). See usb-hotplugctl(1).");
    std::string device;
    std::string guest;
    auto* list = app.add_subcommand("list", "Show every USB device, its guest, and why not");
    auto* check = app.add_subcommand("check", "Check the configuration and the machine");
    bool json = false;
    check->add_flag("--json", json, "Print the findings as JSON");
    auto* explain = app.add_subcommand("explain", "Show how each rule decides on a device");
    auto* attach = app.add_subcommand("attach", "Give a device to a guest until it is unplugged");
    auto* detach = app.add_subcommand("detach", "Give a device back to the host");
    for (CLI::App* verb : {explain, attach, detach}) {
        verb->add_option("DEVICE", device, "The device")->required();
    }
    attach->add_option("GUEST", guest, "The guest, as its configuration file is named")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 has exit statuses of its own; ours are documented.
        return app.exit(error) == 0 ? ctl::exit_success : ctl::exit_usage;
    }
    if (list->parsed()) {
        return ctl::list();
    }
    if (check->parsed()) {
        return ctl::check(json);
    }
    if (explain->parsed()) {
        return ctl::explain(device);
    }
    return attach->parsed() ? ctl::attach(device, guest) : ctl::detach(device);
}

} // namespace

int main(int argc, char** argv) {
    // For the width of characters in tables.
    (void)std::setlocale(LC_CTYPE, "");
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "usb-hotplugctl: %s\n", error.what());
        return ctl::exit_failure;
    }
}
