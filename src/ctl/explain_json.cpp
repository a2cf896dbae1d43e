// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What explain prints with --json.

#include "base/text.h"
#include "ctl/json.h"

namespace usb_hotplug::ctl {

namespace {

std::string_view word_of(Wish wish) {
    switch (wish) {
    case Wish::Wanted:
        return "wanted";
    case Wish::ByHand:
        return "by-hand";
    case Wish::Excepted:
        return "excepted";
    case Wish::NoRule:
        return "no-rule";
    case Wish::Yields:
        return "yields";
    case Wish::Kept:
        return "kept";
    case Wish::ForDisk:
        return "for-disk";
    }
    return "";
}

std::string_view word_of(Availability availability) {
    switch (availability) {
    case Availability::Ready:
        return "ready";
    case Availability::Off:
        return "off";
    case Availability::NotEnabled:
        return "not-enabled";
    case Availability::Paused:
        return "paused";
    case Availability::Missing:
        return "missing";
    case Availability::Unreachable:
        return "unreachable";
    }
    return "";
}

Json rule_json(const Rule& rule, const char* table, const Device& device) {
    const RuleTrace trace = try_rule(rule, device);
    const bool failed = rule.enabled && !trace.holds;
    Json json;
    json["table"] = table;
    json["line"] = rule.line;
    json["description"] = text_or_null(printable(rule.description));
    json["enabled"] = rule.enabled;
    json["holds"] = rule.enabled && trace.holds;
    json["key"] = failed ? Json(printable(trace.failed->key, 64)) : Json(nullptr);
    json["actual"] = failed ? Json(printable(trace.actual)) : Json(nullptr);
    json["wanted"] = failed ? Json(printable(trace.failed->wanted)) : Json(nullptr);
    return json;
}

} // namespace

Json explained_json(const Device& device) {
    Json json;
    json["peer"] = text_or_null(printable(device.peer));
    json["class"] = class_text(device.device_class);
    json["interfaces"] = Json::array();
    for (const UsbClass& interface : device.interfaces) {
        json["interfaces"].push_back(class_text(interface));
    }
    json["drivers"] = Json::array();
    for (const std::string& driver : device.drivers) {
        json["drivers"].push_back(printable(driver));
    }
    return json;
}

Json verdict_json(const Verdict& verdict, const Device& device,
                  const std::optional<Availability>& availability) {
    const Guest& guest = *verdict.guest;
    Json json;
    json["name"] = guest.name;
    json["file"] = guest.file;
    json["priority"] = guest.priority;
    json["wish"] = word_of(verdict.wish);
    json["availability"] = availability ? Json(word_of(*availability)) : Json(nullptr);
    json["rules"] = Json::array();
    if (device.disk) {
        for (const DiskRule& rule : guest.disk) {
            json["rules"].push_back(rule_json(rule.rule, "disk", device));
        }
    } else {
        for (const Rule& rule : guest.usb) {
            json["rules"].push_back(rule_json(rule, "usb", device));
        }
    }
    for (const Rule& rule : guest.except) {
        json["rules"].push_back(rule_json(rule, "except", device));
    }
    return json;
}

} // namespace usb_hotplug::ctl
