// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/covers.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

using Logic = InterfacesPattern::Logic;

template <class T>
bool covers_part(const std::optional<T>& wide, const std::optional<T>& narrow) {
    return !wide || wide == narrow;
}

bool covers_class(const ClassMatch& wide, const ClassMatch& narrow) {
    return covers_part(wide.base, narrow.base) && covers_part(wide.subclass, narrow.subclass) &&
           covers_part(wide.protocol, narrow.protocol);
}

/// Every `narrow` is within some `wide`.
bool each_within_some(const std::vector<ClassMatch>& narrow, const std::vector<ClassMatch>& wide) {
    return std::all_of(narrow.begin(), narrow.end(), [&](const ClassMatch& n) {
        return std::any_of(wide.begin(), wide.end(),
                           [&](const ClassMatch& w) { return covers_class(w, n); });
    });
}

/// Every `narrow` is within every `wide`.
bool each_within_each(const std::vector<ClassMatch>& narrow, const std::vector<ClassMatch>& wide) {
    return std::all_of(narrow.begin(), narrow.end(), [&](const ClassMatch& n) {
        return std::all_of(wide.begin(), wide.end(),
                           [&](const ClassMatch& w) { return covers_class(w, n); });
    });
}

/// Of a device of `narrow`, what is known for certain: Any says that one of its classes is there,
/// All that each is, Only that one is there and nothing else.
bool covers_interfaces(const InterfacesPattern& wide, const InterfacesPattern& narrow) {
    if (narrow.matches.empty() || wide.matches.empty()) {
        return false;
    }
    const bool none = narrow.logic == Logic::None;
    switch (wide.logic) {
    case Logic::Any:
        if (narrow.logic == Logic::All) {
            return std::any_of(narrow.matches.begin(), narrow.matches.end(),
                               [&](const auto& n) { return each_within_some({n}, wide.matches); });
        }
        return !none && each_within_some(narrow.matches, wide.matches);
    case Logic::All:
        if (narrow.logic == Logic::All) {
            return std::all_of(wide.matches.begin(), wide.matches.end(), [&](const auto& w) {
                return std::any_of(narrow.matches.begin(), narrow.matches.end(),
                                   [&](const auto& n) { return covers_class(w, n); });
            });
        }
        return !none && each_within_each(narrow.matches, wide.matches);
    case Logic::None:
        return none && each_within_some(wide.matches, narrow.matches);
    case Logic::Only:
        return narrow.logic == Logic::Only && each_within_some(narrow.matches, wide.matches);
    }
    return false;
}

bool has_any(const std::string& glob, std::string_view characters) {
    return glob.find_first_of(characters) != std::string::npos;
}

/// Compared as far as that is simple. What is in brackets can depend on upper and lower case, which
/// texts do not, so it only covers itself.
bool covers_glob(const std::string& wide, const std::string& narrow) {
    if (wide == narrow) {
        return true;
    }
    if (has_any(wide, "[") || has_any(narrow, R"([\)")) {
        return false;
    }
    // The narrow one as a text: its own wildcards can only be taken by the wide one's '*', which
    // takes everything, if the wide one has no other wildcard.
    return (!has_any(narrow, "*?") || !has_any(wide, R"(?\)")) && glob_matches(wide, narrow);
}

bool covers_text(const TextMatch& wide, const TextMatch& narrow) {
    // A text that fits anything is not empty, and that is all that '*' asks for.
    if (!wide.regex && !wide.glob.empty() &&
        wide.glob.find_first_not_of('*') == std::string::npos) {
        return true;
    }
    if (wide.regex || narrow.regex) {
        return wide.regex && narrow.regex && wide.regex->is_same(*narrow.regex);
    }
    return covers_glob(wide.glob, narrow.glob);
}

struct Covers {
    bool operator()(const IdPattern& wide, const IdPattern& narrow) const {
        return covers_part(wide.vendor, narrow.vendor) && covers_part(wide.product, narrow.product);
    }
    bool operator()(const PortPattern& wide, const PortPattern& narrow) const {
        if (wide.behind && narrow.port.starts_with(wide.port + ".")) {
            return true;
        }
        return wide.behind == narrow.behind && wide.port == narrow.port;
    }
    bool operator()(const BusPattern& wide, const BusPattern& narrow) const {
        return wide.bus == narrow.bus;
    }
    bool operator()(const DeviceClassPattern& wide, const DeviceClassPattern& narrow) const {
        return covers_class(wide.match, narrow.match);
    }
    bool operator()(const InterfacesPattern& wide, const InterfacesPattern& narrow) const {
        return covers_interfaces(wide, narrow);
    }
    bool operator()(const RemovablePattern& wide, const RemovablePattern& narrow) const {
        return wide.removable == narrow.removable;
    }
    bool operator()(const SpeedPattern& wide, const SpeedPattern& narrow) const {
        return wide.min <= narrow.min && narrow.max <= wide.max;
    }
    bool operator()(const TextPattern& wide, const TextPattern& narrow) const {
        return wide.field == narrow.field && wide.name == narrow.name &&
               covers_text(wide.match, narrow.match);
    }
    /// About different things: a port, for one, says nothing of the bus, as it has a second name.
    template <class Wide, class Narrow>
    bool operator()(const Wide& /*wide*/, const Narrow& /*narrow*/) const {
        return false;
    }
};

} // namespace

bool covers(const Condition& wide, const Condition& narrow) {
    return !narrow.any.empty() &&
           std::all_of(narrow.any.begin(), narrow.any.end(), [&](const Pattern& n) {
               return std::any_of(wide.any.begin(), wide.any.end(),
                                  [&](const Pattern& w) { return std::visit(Covers{}, w, n); });
           });
}

bool covers(const Rule& wide, const Rule& narrow) {
    if (wide.all) {
        return true;
    }
    return !wide.conditions.empty() &&
           std::all_of(wide.conditions.begin(), wide.conditions.end(), [&](const Condition& w) {
               return std::any_of(narrow.conditions.begin(), narrow.conditions.end(),
                                  [&](const Condition& n) { return covers(w, n); });
           });
}

} // namespace usb_hotplug
