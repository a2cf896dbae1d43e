// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl guests: which are configured, and what each can take.

#include "service/guests.h"

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "host/disks.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

std::vector<std::string> row_of(const GuestView& view) {
    const Guest& guest = *view.guest;
    return {guest.name,
            !view.enabled   ? "unknown"
            : *view.enabled ? "yes"
                            : "no",
            std::string(view.state_text()),
            std::to_string(view.attached),
            std::to_string(view.waiting),
            view.ports
                ? std::to_string(view.ports->free()) + " of " + std::to_string(view.ports->all)
                : "",
            (guest.address.domain.empty() ? "" : printable(guest.address.domain) + " at ") +
                printable(guest.address.target)};
}

Json json_of(const GuestView& view) {
    const Guest& guest = *view.guest;
    Json json;
    json["name"] = guest.name;
    json["file"] = guest.file;
    json["domain"] = text_or_null(printable(guest.address.domain));
    json["hypervisor"] = printable(guest.address.target);
    json["priority"] = guest.priority;
    json["enabled"] = view.enabled ? Json(*view.enabled) : Json(nullptr);
    json["paused"] = view.paused;
    json["state"] = view.state_text();
    json["attached"] = view.attached;
    json["waiting"] = view.waiting;
    json["ports"] = view.ports ? Json(view.ports->all) : Json(nullptr);
    json["free_ports"] = view.ports ? Json(view.ports->free()) : Json(nullptr);
    json["usb3"] = view.ports ? Json(view.ports->has_usb3) : Json(nullptr);
    json["problem"] = text_or_null(view.problem);
    return json;
}

} // namespace

int guests(bool json) {
    const auto devices = list_devices_and_disks();
    if (!devices) {
        return complain(devices.error().message);
    }
    World world;
    std::vector<Situation> situations;
    for (const Device& device : *devices) {
        // What systemd does not say is said once, of the guests.
        if (auto situation = situation_of(world, device)) {
            situations.push_back(std::move(*situation));
        }
    }
    std::vector<std::vector<std::string>> rows;
    Json document = new_json();
    document["guests"] = Json::array();
    std::vector<std::string> problems;
    for (const GuestView& view : look_at_guests(world, situations)) {
        rows.push_back(row_of(view));
        document["guests"].push_back(json_of(view));
        if (!view.problem.empty() && (problems.empty() || problems.back() != view.problem)) {
            problems.push_back(view.problem);
        }
    }
    document["errors"] = errors_json(world.configuration());
    if (json) {
        print_json(document);
    } else {
        print_table({"GUEST", "ENABLED", "STATE", "DEVICES", "WAITING", "FREE PORTS", "DOMAIN"},
                    rows);
    }
    print_mistakes(world);
    int status = exit_success;
    for (const std::string& problem : problems) {
        status = complain(problem);
    }
    return status;
}

} // namespace usb_hotplug::ctl
