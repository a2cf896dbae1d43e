// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/holds.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

template <class T>
bool fits(const std::optional<T>& wanted, T actual) {
    return !wanted || *wanted == actual;
}

bool fits(const ClassMatch& wanted, const UsbClass& actual) {
    return fits(wanted.base, actual.base) && fits(wanted.subclass, actual.subclass) &&
           fits(wanted.protocol, actual.protocol);
}

bool fits(const PortPattern& wanted, const std::string& port) {
    return wanted.behind ? port.starts_with(wanted.port + ".") : port == wanted.port;
}

bool fits_one_of(const std::vector<ClassMatch>& wanted, const UsbClass& actual) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const ClassMatch& match) { return fits(match, actual); });
}

bool is_there(const ClassMatch& wanted, const std::vector<UsbClass>& interfaces) {
    return std::any_of(interfaces.begin(), interfaces.end(),
                       [&](const UsbClass& interface) { return fits(wanted, interface); });
}

std::string attribute(const Device& device, const std::string& name) {
    return device.attribute ? device.attribute(name).value_or("") : std::string();
}

std::string property(const Device& device, std::string_view name) {
    const auto found = device.properties.find(name);
    return found == device.properties.end() ? std::string() : found->second;
}

/// TAGS has those of all events since the device was plugged in: a tag that a rule file sets on
/// `add` alone still counts on the `bind` that follows.
std::vector<std::string> tags_of(const Device& device) {
    std::vector<std::string> tags;
    for (const char* name : {"TAGS", "CURRENT_TAGS"}) {
        const std::string text = property(device, name);
        for (const std::string_view tag : split(text, ':')) {
            if (std::find(tags.begin(), tags.end(), tag) == tags.end()) {
                tags.emplace_back(tag);
            }
        }
    }
    return tags;
}

std::vector<std::string> texts_of(const TextPattern& pattern, const Device& device) {
    switch (pattern.field) {
    case TextField::Vendor:
        return {device.vendor};
    case TextField::Product:
        return {device.product};
    case TextField::Serial:
        return device.disk ? device.disk->serials : std::vector<std::string>{device.serial};
    case TextField::Property:
        return {property(device, pattern.name)};
    case TextField::Attribute:
        return {attribute(device, pattern.name)};
    case TextField::Driver:
        return device.drivers;
    case TextField::Tag:
        return tags_of(device);
    case TextField::Label:
        return device.disk ? device.disk->labels : std::vector<std::string>();
    case TextField::Wwn:
        return device.disk ? device.disk->wwns : std::vector<std::string>();
    }
    return {};
}

/// "480" or "1.5", in tenths; nothing when the kernel does not know.
std::optional<std::uint32_t> speed_of(const Device& device) {
    const std::string text = attribute(device, "speed");
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto whole = parse_number(std::string_view(text).substr(0, point), 10, 1000000);
    const auto tenth = point == text.size()
                           ? std::optional<std::uint32_t>(0)
                           : parse_number(std::string_view(text).substr(point + 1), 10, 9);
    return whole && tenth ? std::optional(*whole * 10 + *tenth) : std::nullopt;
}

struct Holds {
    const Device& device;

    bool operator()(const IdPattern& p) const {
        return fits(p.vendor, device.id.vendor) && fits(p.product, device.id.product);
    }
    bool operator()(const PortPattern& p) const {
        return fits(p, device.port) || (!device.peer.empty() && fits(p, device.peer));
    }
    bool operator()(const BusPattern& p) const { return device.bus == p.bus; }
    bool operator()(const DeviceClassPattern& p) const {
        return fits(p.match, device.device_class);
    }
    bool operator()(const InterfacesPattern& p) const {
        const auto one_of = [&](const UsbClass& i) { return fits_one_of(p.matches, i); };
        const auto there = [&](const ClassMatch& m) { return is_there(m, device.interfaces); };
        const auto& interfaces = device.interfaces;
        switch (p.logic) {
        case InterfacesPattern::Logic::Any:
            return std::any_of(interfaces.begin(), interfaces.end(), one_of);
        case InterfacesPattern::Logic::All:
            return std::all_of(p.matches.begin(), p.matches.end(), there);
        case InterfacesPattern::Logic::None:
            return std::none_of(interfaces.begin(), interfaces.end(), one_of);
        case InterfacesPattern::Logic::Only:
            return !interfaces.empty() && std::all_of(interfaces.begin(), interfaces.end(), one_of);
        }
        return false;
    }
    bool operator()(const RemovablePattern& p) const {
        return attribute(device, "removable") == (p.removable ? "removable" : "fixed");
    }
    bool operator()(const SpeedPattern& p) const {
        const auto speed = speed_of(device);
        return speed && *speed >= p.min && *speed <= p.max;
    }
    bool operator()(const TextPattern& p) const {
        const auto texts = texts_of(p, device);
        // What the device does not have fits no pattern, not even "*".
        return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
            return !text.empty() && p.match.fits(text);
        });
    }
};

struct Actual {
    const Device& device;

    std::string operator()(const IdPattern&) const { return device.id_text(); }
    std::string operator()(const PortPattern&) const { return device.port; }
    std::string operator()(const BusPattern&) const { return std::to_string(device.bus); }
    std::string operator()(const DeviceClassPattern&) const {
        return class_text(device.device_class);
    }
    std::string operator()(const InterfacesPattern&) const {
        std::vector<std::string> parts;
        for (const UsbClass& i : device.interfaces) {
            parts.push_back(class_text(i));
        }
        return join(parts);
    }
    std::string operator()(const RemovablePattern&) const { return attribute(device, "removable"); }
    std::string operator()(const SpeedPattern&) const { return attribute(device, "speed"); }
    std::string operator()(const TextPattern& p) const { return join(texts_of(p, device)); }
};

} // namespace

bool TextMatch::fits(const std::string& text) const {
    return regex ? regex->matches(text) : glob_matches(glob, text);
}

bool holds(const Condition& condition, const Device& device) {
    return std::any_of(condition.any.begin(), condition.any.end(),
                       [&](const Pattern& pattern) { return std::visit(Holds{device}, pattern); });
}

std::string actual(const Condition& condition, const Device& device) {
    return condition.any.empty() ? std::string()
                                 : std::visit(Actual{device}, condition.any.front());
}

} // namespace usb_hotplug
