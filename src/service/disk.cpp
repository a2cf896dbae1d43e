// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/disk.h"

#include "base/text.h"
#include "host/disks.h"
#include "service/situation.h"

#include <algorithm>

namespace usb_hotplug {

DiskSettings settings_of(const Decision& decision, const Guest& guest) {
    const auto verdict =
        std::find_if(decision.verdicts.begin(), decision.verdicts.end(),
                     [&](const Verdict& v) { return v.guest->name == guest.name; });
    const bool known = verdict != decision.verdicts.end() && verdict->settings != nullptr;
    return known ? *verdict->settings : DiskSettings{};
}

DiskSource disk_source(const Device& disk, const DiskSettings& settings) {
    DiskSource source = {path_of(disk), {disk.node}, disk.disk->serial, settings};
    for (const std::string& partition : disk.disk->partitions) {
        source.nodes.push_back(disk_node(partition));
    }
    return source;
}

std::string disk_text(const Device& disk) {
    const std::string& serial = disk.disk->serial;
    return "disk " + disk.node + ", " + size_text(disk.disk->bytes) +
           (serial.empty() ? "" : ", serial " + printable(serial, 64));
}

std::string claim_text(const DiskClaim& claim) {
    const std::string rule = rule_text(*claim.guest, *claim.rule, "disk");
    return "stays with the host: " + (claim.node.empty()
                                          ? "its disk, which is still to come, may be for " + rule
                                          : "its disk " + claim.node + " is for " + rule);
}

} // namespace usb_hotplug
