// SPDX-License-Identifier: LGPL-2.1-or-later

#include "learn/append.h"

#include "model/match.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

/// The text with an empty line between what was there and the rule.
std::string joined(const std::string& content, std::string_view rule) {
    std::string out = content;
    if (!out.empty()) {
        out += out.back() == '\n' ? "\n" : "\n\n";
    }
    return out.append(rule);
}

/// Exceptions that hold without the new rule would hold with it, too.
const Rule* holding(const std::vector<Rule>& rules, const Device& device) {
    const auto found = std::find_if(rules.begin(), rules.end(),
                                    [&](const Rule& rule) { return try_rule(rule, device).holds; });
    return found == rules.end() ? nullptr : &*found;
}

/// Reads the new text back. Adds nothing to what is there, but trusts nothing either.
void check(const std::string& name, const std::string& file, const Device& device,
           Addition& addition) {
    Configuration after;
    parse_guest(name, file, addition.content, after);
    if (after.guests.empty()) {
        addition.kind = Addition::NotPossible;
        addition.problem = after.errors_of(name);
        return;
    }
    const Decision decision = decide(device, after.guests);
    const std::size_t rules = after.guests.front().usb.size();
    if (!decision.wanted() || rules != addition.guest.usb.size() + 1) {
        addition.kind = Addition::NotPossible;
        addition.problem = "the rule would not fit the device";
        return;
    }
    addition.line = after.guests.front().usb.back().line;
}

} // namespace

Addition add_rule(const std::string& name, const std::string& file, const std::string& content,
                  std::string_view rule, const Device& device) {
    Addition addition;
    Configuration before;
    parse_guest(name, file, content, before);
    if (before.guests.empty()) {
        addition.kind = Addition::Broken;
        addition.problem = before.errors_of(name);
        return addition;
    }
    addition.guest = before.guests.front();
    if (const Rule* exception = holding(addition.guest.except, device)) {
        addition.kind = Addition::Excepted;
        addition.by = *exception;
    } else if (const Rule* wanted = holding(addition.guest.usb, device)) {
        addition.kind = Addition::AlreadyWanted;
        addition.by = *wanted;
    } else {
        addition.content = joined(content, rule);
        check(name, file, device, addition);
    }
    return addition;
}

} // namespace usb_hotplug
