// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What explanations print: what the rules see, how each rule fared, and what is sent to the
// hypervisor.

#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "guest/domain_xml.h"
#include "service/disk.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

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
    print_line(text);
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
    case Wish::ForDisk:
        return "would get it, by line " + std::to_string(verdict.by->line) +
               ", but it stays with the host for the sake of its disk";
    case Wish::Kept:
        return "would get it, by line " + std::to_string(verdict.by->line) +
               ", but it is kept for the guest that had it";
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

} // namespace

void print_disk(const Device& device) {
    const Disk& disk = *device.disk;
    print_line("Disk " + device.node + ": " + size_text(disk.bytes) + ", on " + device.id_text() +
               " " + device.name() + " at port " + printable(device.port));
    print_line("    By id:      " + printable(disk.link));
    print_line("    Vendor:     " + printable(device.vendor));
    print_line("    Product:    " + printable(device.product));
    print_line("    Serial:     " + printable(join(disk.serials)));
    print_line("    WWN:        " + printable(join(disk.wwns)));
    print_line("    Labels:     " + printable(join(disk.labels)));
}

void print_line(const std::string& text) {
    std::printf("%s\n", text.c_str());
}

void print_device(const Device& device) {
    if (device.disk) {
        print_disk(device);
        return;
    }
    std::vector<std::string> interfaces;
    for (const UsbClass& interface : device.interfaces) {
        interfaces.push_back(class_text(interface));
    }
    print_line("Device " + printable(device.port) + ": " + device.id_text() + " " + device.name());
    print_line("    Node:       " + device.node);
    if (!device.peer.empty()) {
        print_line("    Other port: " + printable(device.peer) + ", the same connector");
    }
    print_line("    Vendor:     " + printable(device.vendor));
    print_line("    Product:    " + printable(device.product));
    print_line("    Serial:     " + printable(device.serial));
    print_line("    Class:      " + class_text(device.device_class));
    print_line("    Interfaces: " + join(interfaces));
    if (!device.drivers.empty()) {
        print_line("    Drivers:    " + printable(join(device.drivers)));
    }
}

void print_verdict(const Decision& decision, const Verdict& verdict, const Device& device) {
    const Guest& guest = *verdict.guest;
    print_line("Guest " + guest.name + " (" + guest.file + ", priority " +
               std::to_string(guest.priority) + ") " + wish_text(verdict) +
               tenant_text(decision, verdict));
    if (device.disk) {
        for (const DiskRule& rule : guest.disk) {
            print_rule(rule.rule, "disk", device);
        }
        return;
    }
    for (const Rule& rule : guest.usb) {
        print_rule(rule, "usb", device);
    }
    for (const Rule& rule : guest.except) {
        print_rule(rule, "except", device);
    }
}

void print_attachment(const Device& device, const DiskSettings& settings) {
    print_line("XML for the hypervisor:");
    const std::string alias = alias_of(escape_path(device.node));
    const std::string target =
        settings.target.empty() ? std::string(target_prefix(settings.bus)) + "?" : settings.target;
    const std::string xml = device.disk
                                ? disk_xml(alias, disk_source(device, settings), target)
                                : hostdev_xml(alias, {device.bus, device.number, device.id});
    for (const std::string_view text : split(xml, '\n')) {
        print_line("    " + std::string(text));
    }
}

} // namespace usb_hotplug::ctl
