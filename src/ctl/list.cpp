// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl list: every USB device, which guest has it or would, and why not.

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/limits.h"
#include "host/disks.h"
#include "model/twins.h"
#include "service/situation.h"

#include <cstdio>

namespace usb_hotplug::ctl {

int list(bool json) {
    const auto devices = list_devices_and_disks();
    if (!devices) {
        return complain(devices.error().message);
    }
    World world;
    std::vector<std::vector<std::string>> rows;
    std::vector<Device> plugged;
    std::string unknown;
    Json document = new_json();
    document["devices"] = Json::array();
    for (const Device& device : *devices) {
        if (!device.disk) {
            plugged.push_back(world.answered(device));
        }
        std::vector<std::string> row = {device.port, device.node, device.id_text(),
                                        what_of(device)};
        const auto situation = situation_of(world, device);
        const std::vector<std::string> rest =
            situation ? std::vector<std::string>{situation->guest,
                                                 std::string(place_text(situation->place)),
                                                 situation->reason}
                      : std::vector<std::string>{"", "unknown", ""};
        unknown = situation ? unknown : situation.error().message;
        row.insert(row.end(), rest.begin(), rest.end());
        rows.push_back(std::move(row));
        document["devices"].push_back(device_json(device, situation));
    }
    document["errors"] = errors_json(world.configuration());
    if (json) {
        print_json(document);
    } else {
        print_table({"PORT", "NODE", "ID", "DEVICE", "GUEST", "STATE", "REASON"}, rows);
    }
    for (const Twins& twins : find_twins(world.configuration().guests, plugged)) {
        std::fprintf(stderr, "%s:%u: warning: %s; %s\n", printable(twins.guest->file, 1024).c_str(),
                     twins.rule->line, twins.what().c_str(), Twins::advice().c_str());
    }
    print_mistakes(world);
    return unknown.empty() ? show_limits(world) : complain(unknown);
}

} // namespace usb_hotplug::ctl
