// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/check_devices.h"

#include "base/text.h"
#include "model/check_rules.h"
#include "model/match.h"
#include "model/twins.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

using Logic = InterfacesPattern::Logic;

/// "1-4, Logitech Receiver".
std::string device_name(const Device& device) {
    const std::string name = device.name();
    return device.port + ", " + (name.empty() ? device.id_text() : name);
}

template <class Accepts>
bool has_pattern(const Rule& rule, const Accepts& accepts) {
    return std::any_of(rule.conditions.begin(), rule.conditions.end(), [&](const Condition& c) {
        return std::any_of(c.any.begin(), c.any.end(), accepts);
    });
}

/// Whether a rule asks for the class of hubs. That none of the interfaces is a hub's is true of
/// every device that is not one.
bool names_hub_class(const Pattern& pattern) {
    if (const auto* device = std::get_if<DeviceClassPattern>(&pattern)) {
        return device->match.base == usb_class_hub;
    }
    const auto* interfaces = std::get_if<InterfacesPattern>(&pattern);
    return interfaces != nullptr && interfaces->logic != Logic::None &&
           std::any_of(interfaces->matches.begin(), interfaces->matches.end(),
                       [](const ClassMatch& match) { return match.base == usb_class_hub; });
}

/// Whether a rule is about this very kind of device, or about what is at this port; a rule that is
/// wider than that holds for a hub by the way only.
bool names_device(const Pattern& pattern, const Device& device) {
    if (const auto* id = std::get_if<IdPattern>(&pattern)) {
        return id->vendor == device.id.vendor && id->product == device.id.product;
    }
    const auto* port = std::get_if<PortPattern>(&pattern);
    return port != nullptr && !port->behind &&
           (port->port == device.port || port->port == device.peer);
}

class DeviceCheck {
public:
    DeviceCheck(const std::vector<Guest>& guests, const Plugged& plugged)
        : guests_(guests), plugged_(plugged) {
        for (const PluggedDevice& device : plugged.devices) {
            decisions_.push_back(decide(device.device, guests));
        }
    }

    std::vector<Finding> run() {
        check_hubs();
        for (std::size_t i = 0; i < plugged_.devices.size(); ++i) {
            if (plugged_.devices[i].host_use) {
                check_use(i);
            }
        }
        check_keyboards();
        check_serials();
        return std::move(findings_);
    }

private:
    Finding& add(std::string code, const Guest& guest, const Rule& rule, const Device* device) {
        Finding finding = rule_finding(Severity::Warning, std::move(code), guest, rule);
        finding.device = device == nullptr ? "" : device->port;
        return findings_.emplace_back(std::move(finding));
    }

    void check_hubs() {
        for (const Guest& guest : guests_) {
            for (const Rule& rule : guest.usb) {
                if (rule.enabled && has_pattern(rule, names_hub_class)) {
                    Finding& finding = add("rule-hub", guest, rule, nullptr);
                    finding.what = rule_name(rule, "usb") +
                                   " asks for class 9, hubs, and those stay with the host";
                    finding.advice = "remove that class; port = \"1-4.*\" is what is behind a hub";
                } else if (rule.enabled) {
                    check_plugged_hubs(guest, rule);
                }
            }
        }
    }

    void check_plugged_hubs(const Guest& guest, const Rule& rule) {
        for (const PluggedDevice& plugged : plugged_.devices) {
            const Device& hub = plugged.device;
            const auto names = [&](const Pattern& pattern) { return names_device(pattern, hub); };
            if (hub.is_hub() && has_pattern(rule, names) && try_rule(rule, hub).holds) {
                Finding& finding = add("rule-hub", guest, rule, &hub);
                finding.what = rule_name(rule, "usb") + " asks for the hub at " + device_name(hub) +
                               ", and hubs stay with the host";
                finding.advice =
                    "for what is plugged into the hub, say port = \"" + hub.port + ".*\"";
            }
        }
    }

    void check_use(std::size_t index) {
        const PluggedDevice& plugged = plugged_.devices[index];
        for (const Verdict& verdict : decisions_[index].verdicts) {
            if (!verdict.wanted()) {
                continue;
            }
            Finding& finding = add("takes-in-use", *verdict.guest, *verdict.by, &plugged.device);
            finding.what = rule_name(*verdict.by, "usb") + " asks for the device at " +
                           device_name(plugged.device) +
                           ", which the host uses: " + *plugged.host_use;
            finding.advice = "the guest does not get it while that is so; if it never shall, say "
                             "it in an [[except]] rule";
        }
    }

    /// One keyboard that no guest wants is enough.
    void check_keyboards() {
        for (std::size_t i = 0; i < plugged_.devices.size(); ++i) {
            if (plugged_.devices[i].has_keyboard && !decisions_[i].wanted()) {
                return;
            }
        }
        for (std::size_t i = 0; i < plugged_.devices.size() && !plugged_.other_keyboard; ++i) {
            if (plugged_.devices[i].has_keyboard) {
                add_keyboard(plugged_.devices[i].device, decisions_[i]);
            }
        }
    }

    void add_keyboard(const Device& keyboard, const Decision& decision) {
        for (const Verdict& verdict : decision.verdicts) {
            if (!verdict.wanted()) {
                continue;
            }
            Finding& finding = add("takes-keyboard", *verdict.guest, *verdict.by, &keyboard);
            finding.what = rule_name(*verdict.by, "usb") + " asks for the keyboard at " +
                           device_name(keyboard) + ", and no other one is left to the host";
            finding.advice = "make sure that you can reach the host without it, or say it in an "
                             "[[except]] rule";
        }
    }

    void check_serials() {
        std::vector<Device> devices;
        for (const PluggedDevice& plugged : plugged_.devices) {
            devices.push_back(plugged.device);
        }
        for (const Twins& twins : find_twins(guests_, devices)) {
            Finding& finding = add("serial-ambiguous", *twins.guest, *twins.rule, nullptr);
            finding.what = twins.what();
            finding.advice = Twins::advice();
        }
    }

    const std::vector<Guest>& guests_;
    const Plugged& plugged_;
    std::vector<Decision> decisions_; ///< of the rules alone, one for each device
    std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> check_devices(const std::vector<Guest>& guests, const Plugged& plugged) {
    return DeviceCheck(guests, plugged).run();
}

} // namespace usb_hotplug
