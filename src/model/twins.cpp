// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/twins.h"

#include "base/text.h"
#include "model/match.h"

#include <algorithm>
#include <map>

namespace usb_hotplug {

namespace {

bool names_serial(const Rule& rule) {
    return std::any_of(rule.conditions.begin(), rule.conditions.end(),
                       [](const Condition& condition) { return condition.key == "serial"; });
}

bool gets_it(const Guest& guest, const Device& device) {
    return !device.is_hub() &&
           std::none_of(guest.except.begin(), guest.except.end(),
                        [&](const Rule& except) { return try_rule(except, device).holds; });
}

/// By their serial numbers, as a rule compares them: upper and lower case are the same.
std::map<std::string, Twins> sort_devices(const Guest& guest, const Rule& rule,
                                          const std::vector<Device>& plugged) {
    std::map<std::string, Twins> sorted;
    for (const Device& device : plugged) {
        if (try_rule(rule, device).holds && gets_it(guest, device)) {
            const auto [twins, added] =
                sorted.try_emplace(lower(device.serial), Twins{&guest, &rule, device.serial, {}});
            twins->second.ports.push_back(device.port);
        }
    }
    return sorted;
}

} // namespace

std::string Twins::what() const {
    const std::vector<std::string> all_but_last(ports.begin(), ports.end() - 1);
    return "the serial number \"" + printable(serial, 64) + "\" is that of several devices, at " +
           join(all_but_last) + " and " + ports.back();
}

std::string Twins::advice() {
    return "the guest gets them all, say the port, too, if one is meant";
}

std::vector<Twins> find_twins(const std::vector<Guest>& guests,
                              const std::vector<Device>& plugged) {
    std::vector<Twins> found;
    for (const Guest& guest : guests) {
        for (const Rule& rule : guest.usb) {
            if (!rule.enabled || !names_serial(rule)) {
                continue;
            }
            for (auto& [serial, twins] : sort_devices(guest, rule, plugged)) {
                if (twins.ports.size() > 1) {
                    found.push_back(std::move(twins));
                }
            }
        }
    }
    return found;
}

} // namespace usb_hotplug
