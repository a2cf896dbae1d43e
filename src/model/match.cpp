// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/match.h"

#include "base/text.h"
#include "model/holds.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

const Condition* first_failed(const Rule& rule, const Device& device) {
    for (const Condition& condition : rule.conditions) {
        if (!holds(condition, device)) {
            return &condition;
        }
    }
    return nullptr;
}

const Rule* first_holding(const std::vector<Rule>& rules, const Device& device) {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) {
        return rule.enabled && first_failed(rule, device) == nullptr;
    });
    return found == rules.end() ? nullptr : &*found;
}

const DiskRule* first_holding(const std::vector<DiskRule>& rules, const Device& disk) {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const DiskRule& rule) {
        return rule.rule.enabled && first_failed(rule.rule, disk) == nullptr;
    });
    return found == rules.end() ? nullptr : &*found;
}

/// Given by hand, a disk still comes as the rule says that would hold for it.
Verdict judge_disk(const Guest& guest, const Device& disk,
                   const std::optional<std::string>& by_hand) {
    const DiskRule* rule = first_holding(guest.disk, disk);
    Verdict verdict = {&guest, rule == nullptr ? Wish::NoRule : Wish::Wanted,
                       rule == nullptr ? nullptr : &rule->rule,
                       rule == nullptr ? nullptr : &rule->settings};
    if (by_hand) {
        verdict.wish = guest.name == *by_hand ? Wish::ByHand : Wish::Yields;
        verdict.by = nullptr;
    }
    return verdict;
}

Verdict judge(const Guest& guest, const Device& device, const std::optional<std::string>& by_hand) {
    if (device.disk) {
        return judge_disk(guest, device, by_hand);
    }
    if (by_hand) {
        return {&guest, guest.name == *by_hand ? Wish::ByHand : Wish::Yields, nullptr};
    }
    const Rule* rule = first_holding(guest.usb, device);
    if (rule == nullptr) {
        return {&guest, Wish::NoRule, nullptr};
    }
    if (const Rule* exception = first_holding(guest.except, device)) {
        return {&guest, Wish::Excepted, exception};
    }
    return {&guest, Wish::Wanted, rule};
}

/// Puts the guest that had the port before all others, if it wants the device and is in time.
void prefer_tenant(const Tenant& tenant, Decision& decision) {
    auto& verdicts = decision.verdicts;
    const auto found = std::find_if(verdicts.begin(), verdicts.end(), [&](const Verdict& verdict) {
        return verdict.guest->name == tenant.guest && verdict.wanted();
    });
    if (found != verdicts.end() && tenant.ago < (*found).guest->grace) {
        std::rotate(verdicts.begin(), found, found + 1);
        decision.tenant = tenant;
    }
}

/// Whether a USB device tells for certain that the condition fails for a disk on it. A condition
/// about anything but these is the disk's own affair, and so is a serial number, as a disk behind
/// a bridge can have one of its own.
bool is_refuted(const Condition& condition, const Device& usb) {
    const bool is_told =
        std::all_of(condition.any.begin(), condition.any.end(), [](const Pattern& pattern) {
            const auto* text = std::get_if<TextPattern>(&pattern);
            return text == nullptr || text->field == TextField::Vendor ||
                   text->field == TextField::Product;
        });
    return is_told && !holds(condition, usb);
}

void ask(const Rule& rule, Questions& questions) {
    for (const Condition& condition : rule.conditions) {
        for (const Pattern& pattern : condition.any) {
            const auto* text = std::get_if<TextPattern>(&pattern);
            questions.peer = questions.peer || std::holds_alternative<PortPattern>(pattern);
            questions.drivers =
                questions.drivers || (text != nullptr && text->field == TextField::Driver);
        }
    }
}

} // namespace

std::string_view availability_text(Availability availability) {
    switch (availability) {
    case Availability::Ready:
        return "ready";
    case Availability::Off:
        return "which is off";
    case Availability::NotEnabled:
        return "which is not enabled";
    case Availability::Paused:
        return "which is paused";
    case Availability::Missing:
        return "which its hypervisor does not know";
    case Availability::Unreachable:
        return "whose hypervisor does not answer";
    }
    return {};
}

Questions questions_of(const std::vector<Guest>& guests) {
    Questions questions;
    for (const Guest& guest : guests) {
        for (const auto* rules : {&guest.usb, &guest.except}) {
            for (const Rule& rule : *rules) {
                ask(rule, questions);
            }
        }
        for (const DiskRule& disk : guest.disk) {
            ask(disk.rule, questions);
        }
    }
    return questions;
}

bool Decision::wanted() const {
    return std::any_of(verdicts.begin(), verdicts.end(),
                       [](const Verdict& verdict) { return verdict.wanted(); });
}

bool Decision::wanted_by(std::string_view guest) const {
    return std::any_of(verdicts.begin(), verdicts.end(), [&](const Verdict& verdict) {
        return verdict.wanted() && verdict.guest->name == guest;
    });
}

bool is_ahead(const Guest& a, const Guest& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.name < b.name;
}

Decision decide(const Device& device, const std::vector<Guest>& guests,
                const std::optional<std::string>& by_hand, const FindTenant& find_tenant) {
    Decision decision;
    decision.is_hub = device.is_hub();
    if (decision.is_hub) {
        return decision;
    }
    for (const Guest& guest : guests) {
        decision.verdicts.push_back(judge(guest, device, by_hand));
    }
    std::stable_sort(
        decision.verdicts.begin(), decision.verdicts.end(),
        [](const Verdict& a, const Verdict& b) { return is_ahead(*a.guest, *b.guest); });
    const bool contested = std::count_if(decision.verdicts.begin(), decision.verdicts.end(),
                                         [](const Verdict& v) { return v.wanted(); }) > 1;
    if (contested && find_tenant) {
        if (const auto tenant = find_tenant()) {
            prefer_tenant(*tenant, decision);
        }
    }
    return decision;
}

std::vector<DiskClaim> disk_claims(const Device& usb, const std::vector<Guest>& guests) {
    std::vector<DiskClaim> claims;
    for (const Guest& guest : guests) {
        for (const DiskRule& disk : guest.disk) {
            const auto& conditions = disk.rule.conditions;
            if (usb.is_storage() && disk.rule.enabled &&
                std::none_of(conditions.begin(), conditions.end(),
                             [&](const Condition& c) { return is_refuted(c, usb); })) {
                claims.push_back({&guest, &disk.rule});
            }
        }
    }
    return claims;
}

void leave_to_disk(const DiskClaim& claim, Decision& decision) {
    for (Verdict& verdict : decision.verdicts) {
        if (verdict.wish == Wish::Wanted) {
            verdict.wish = Wish::ForDisk;
            decision.for_disk = claim;
        }
    }
}

void keep_for(const std::string& guest, Decision& decision) {
    const bool wants = decision.wanted_by(guest);
    for (Verdict& verdict : decision.verdicts) {
        if (wants && verdict.wanted() && verdict.guest->name != guest) {
            verdict.wish = Wish::Kept;
        }
    }
}

std::string Choice::waiting_text() const {
    std::vector<std::string> parts;
    for (const Passed& candidate : passed) {
        parts.push_back(candidate.guest->name + ", " +
                        std::string(availability_text(candidate.why)));
    }
    return parts.empty() ? std::string() : "waiting for " + join(parts, "; or for ");
}

Choice choose(const Decision& decision,
              const std::function<Availability(const Guest&)>& available) {
    Choice choice;
    for (const Verdict& verdict : decision.verdicts) {
        if (!verdict.wanted()) {
            continue;
        }
        const Availability now = available(*verdict.guest);
        if (now == Availability::Ready) {
            choice.guest = verdict.guest;
            break;
        }
        choice.passed.push_back({verdict.guest, now});
        if (now == Availability::Paused) {
            break;
        }
    }
    return choice;
}

RuleTrace try_rule(const Rule& rule, const Device& device) {
    RuleTrace trace;
    trace.rule = &rule;
    trace.failed = first_failed(rule, device);
    trace.holds = rule.enabled && trace.failed == nullptr;
    if (trace.failed != nullptr) {
        trace.actual = actual(*trace.failed, device);
    }
    return trace;
}

} // namespace usb_hotplug
