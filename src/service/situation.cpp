// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/situation.h"

#include "base/text.h"
#include "base/unit_name.h"
#include "host/devices.h"
#include "model/check_rules.h"
#include "service/disk.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

/// Why no guest wants the device: the first exception if there is one, else no rule holds.
std::string unwanted_text(const Decision& decision) {
    if (decision.is_hub) {
        return "hubs stay with the host";
    }
    if (decision.for_disk) {
        return claim_text(*decision.for_disk);
    }
    if (decision.verdicts.empty()) {
        return "no guest is configured";
    }
    for (const Verdict& verdict : decision.verdicts) {
        if (verdict.wish == Wish::Excepted) {
            return "kept from " + verdict.guest->name + " by " +
                   rule_text(*verdict.guest, *verdict.by, "except");
        }
    }
    return "no rule of any guest fits";
}

std::string wanted_by(const Verdict& verdict) {
    return verdict.wish == Wish::ByHand ? "given by hand until it is unplugged"
                                        : rule_text(*verdict.guest, *verdict.by,
                                                    verdict.settings == nullptr ? "usb" : "disk");
}

/// A device that some guest wants and none has.
void explain_absence(World& world, const Device& device, const Decision& decision,
                     Situation& situation) {
    const std::string instance = escape_path(device.node);
    const std::string plug = plug_id(device.syspath);
    const Choice choice =
        choose(decision, [&](const Guest& guest) { return world.availability(guest); });
    const auto first = std::find_if(decision.verdicts.begin(), decision.verdicts.end(),
                                    [](const Verdict& verdict) { return verdict.wanted(); });
    situation.guest = choice.guest != nullptr ? choice.guest->name : first->guest->name;
    if (world.state().read_mark(Mark::Released, instance, plug)) {
        situation.place = Place::Released;
        situation.reason =
            "stopped by hand; 'systemctl start " + situation.unit + "' gives it to the guest again";
    } else if (choice.guest == nullptr) {
        situation.place = Place::Waiting;
        situation.reason = choice.waiting_text();
    } else if (device.disk && device.disk->bytes == 0) {
        situation.place = Place::Waiting;
        situation.reason = "there is no medium";
    } else if (!is_authorised(device)) {
        situation.place = Place::Waiting;
        situation.reason = "not authorised on this host (usbguard?); allow it, then 'systemctl "
                           "start " +
                           situation.unit + "'";
    } else if (const auto why = world.state().read_mark(Mark::Failed, instance, plug)) {
        situation.place = Place::Failed;
        situation.reason = printable(*why, 1000);
    } else if (const auto who = world.state().read_mark(Mark::Blocked, instance, plug)) {
        situation.place = Place::Waiting;
        situation.reason = printable(*who, 1000);
    } else {
        situation.place = Place::Ready;
        situation.reason = "nothing started it; 'systemctl start " + situation.unit + "' does";
    }
}

/// Whether an enabled guest wants the device at this node.
bool is_asked_for(World& world, const Systemd& systemd, const std::string& node) {
    const auto device = find_device(node);
    if (!device || !*device) {
        return false;
    }
    const Decision decision = world.decision(**device);
    return std::any_of(decision.verdicts.begin(), decision.verdicts.end(), [&](const Verdict& v) {
        return v.wanted() && systemd.is_on(guest_target(v.guest->name)).value_or(true);
    });
}

} // namespace

std::string_view place_text(Place place) {
    switch (place) {
    case Place::Attached:
        return "attached";
    case Place::Waiting:
        return "waiting";
    case Place::Released:
        return "released";
    case Place::Failed:
        return "failed";
    case Place::Moving:
        return "moving";
    case Place::Ready:
        return "ready";
    case Place::Host:
        return "host";
    }
    return "";
}

std::string rule_text(const Guest& guest, const Rule& rule, std::string_view kind) {
    return rule_name(rule, kind) + " in " + guest.file + ", line " + std::to_string(rule.line);
}

void forget_stale_failures(World& world) {
    const auto systemd = world.systemd();
    const auto units = systemd ? (*systemd)->list("usb-hotplug@dev-*.service")
                               : Result<std::vector<UnitState>>(std::vector<UnitState>());
    if (!units) {
        return;
    }
    for (const UnitState& unit : *units) {
        const auto node = node_of_device_unit(unit.name);
        if (unit.active == "failed" && node && !is_asked_for(world, **systemd, *node)) {
            (*systemd)->reset_failed(unit.name);
        }
    }
}

Result<Situation> situation_of(World& world, const Device& device) {
    Situation situation;
    situation.unit = device_unit(device.node);
    auto systemd = world.systemd();
    if (!systemd) {
        return forward(systemd);
    }
    auto unit = (*systemd)->state(situation.unit);
    if (!unit) {
        return forward(unit);
    }
    situation.unit_state = unit->active;
    const Decision decision = world.decision(device);
    const auto record = world.state().read_record(escape_path(device.node));
    if (record && *record) {
        situation.guest = (*record)->guest;
    }
    if (unit->is_active()) {
        situation.place = Place::Attached;
        for (const Verdict& verdict : decision.verdicts) {
            if (verdict.guest->name == situation.guest && verdict.wanted()) {
                situation.reason =
                    wanted_by(verdict) +
                    ((*record)->tenant ? ", after its last device at this port" : "");
            }
        }
    } else if (unit->active == "activating" || unit->active == "deactivating") {
        situation.place = Place::Moving;
        situation.reason = "its unit is " + unit->active;
    } else if (record && *record && (*record)->plug == plug_id(device.syspath) &&
               (*record)->cut_off) {
        situation.place = Place::Released;
        situation.reason =
            "cut off from " + situation.guest + ", which keeps a disk that only fails";
    } else if (record && *record && (*record)->plug == plug_id(device.syspath)) {
        situation.place = Place::Failed;
        situation.reason = situation.guest + " has not let go of it; see 'systemctl status " +
                           situation.unit + "'";
    } else if (!decision.wanted()) {
        situation.reason = unwanted_text(decision);
    } else {
        explain_absence(world, device, decision, situation);
    }
    return situation;
}

} // namespace usb_hotplug
