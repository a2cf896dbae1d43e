// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl explain: each guest and each rule, the first condition that failed with what it
// wants and what the device has, the decision, and what blocks it now.

#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "service/situation.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

void line(const std::string& text) {
    std::printf("%s\n", text.c_str());
}

void print_device(const Device& device) {
    std::vector<std::string> interfaces;
    for (const UsbClass& interface : device.interfaces) {
        interfaces.push_back(class_text(interface));
    }
    line("Device " + device.port + ": " + device.id_text() + " " + device.name());
    line("    Node:       " + device.node);
    if (!device.peer.empty()) {
        line("    Other port: " + device.peer + ", the same connector");
    }
    line("    Vendor:     " + printable(device.vendor));
    line("    Product:    " + printable(device.product));
    line("    Serial:     " + printable(device.serial));
    line("    Class:      " + class_text(device.device_class));
    line("    Interfaces: " + join(interfaces));
    if (!device.drivers.empty()) {
        line("    Drivers:    " + printable(join(device.drivers)));
    }
}

void print_rule(const Rule& rule, const char* kind, const Device& device) {
    const RuleTrace trace = try_rule(rule, device);
    std::string text = "    line " + std::to_string(rule.line) + ": [[" + kind + "]]";
    if (!rule.description.empty()) {
        text += " \"" + printable(rule.description, 60) + "\"";
    }
    if (!rule.enabled) {
        text += ": switched off";
    } else if (trace.holds) {
        text += ": holds";
    } else {
        text += ": no, " + printable(trace.failed->key, 64) + " is \"" + printable(trace.actual) +
                "\" and not \"" + printable(trace.failed->wanted) + "\"";
    }
    line(text);
}

std::string wish_text(const Verdict& verdict) {
    switch (verdict.wish) {
    case Wish::Wanted:
        return "wants it, by line " + std::to_string(verdict.by->line);
    case Wish::ByHand:
        return "gets it by hand, whatever the rules say, until it is unplugged";
    case Wish::Excepted:
        return "does not want it, by the exception in line " + std::to_string(verdict.by->line);
    case Wish::NoRule:
        return "does not want it, no rule fits";
    case Wish::Yields:
        return "yields, it was given to another guest by hand until it is unplugged";
    }
    return {};
}

std::string tenant_text(const Decision& decision, const Verdict& verdict) {
    if (!decision.tenant || decision.tenant->guest != verdict.guest->name) {
        return {};
    }
    return ", and comes first: its device left this port " + time_span_text(decision.tenant->ago) +
           " ago, and grace is " + time_span_text(verdict.guest->grace);
}

void print_guests(const Decision& decision, const Device& device) {
    for (const Verdict& verdict : decision.verdicts) {
        const Guest& guest = *verdict.guest;
        line("Guest " + guest.name + " (" + guest.file + ", priority " +
             std::to_string(guest.priority) + ") " + wish_text(verdict) +
             tenant_text(decision, verdict));
        for (const Rule& rule : guest.usb) {
            print_rule(rule, "usb", device);
        }
        for (const Rule& rule : guest.except) {
            print_rule(rule, "except", device);
        }
    }
}

} // namespace

int explain(const std::string& word) {
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    World world;
    const Device answered = world.answered(*device);
    print_device(answered);
    print_guests(world.decision(answered), answered);
    for (const ConfigError& error : world.configuration().errors) {
        line("Left out: " + error.text());
    }
    const auto situation = situation_of(world, *device);
    if (!situation) {
        return complain(situation.error().message);
    }
    line("Unit " + situation->unit + " is " + situation->unit_state);
    line("Decision: " + (situation->guest.empty() ? "stays with the host" : situation->guest) +
         ", " + std::string(place_text(situation->place)) +
         (situation->reason.empty() ? "" : ": " + situation->reason));
    return exit_success;
}

} // namespace usb_hotplug::ctl
