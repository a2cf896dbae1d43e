// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/check_rules.h"

#include "base/text.h"
#include "model/covers.h"
#include "model/match.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

/// Each rule is compared with all before it. This many comparisons are some thousand rules and take
/// a second or two; a file can have a hundred times as many rules.
constexpr std::size_t comparisons_max = 10'000'000;

class RuleCheck {
public:
    explicit RuleCheck(const std::vector<Guest>& guests) : guests_(guests) {}

    std::vector<Finding> run() {
        for (const Guest& guest : guests_) {
            for (std::size_t i = 0; i < guest.usb.size(); ++i) {
                if (guest.usb[i].enabled) {
                    check_rule(guest, i);
                }
            }
            check_exceptions(guest);
            check_disks(guest);
            check_any(guest);
        }
        if (left_ == 0) {
            note_too_many();
        }
        return std::move(findings_);
    }

private:
    bool is_covered(const Rule& narrow, const Rule& wide) {
        if (!wide.enabled || left_ == 0) {
            return false;
        }
        --left_;
        return covers(wide, narrow);
    }

    /// The first of the first `count` rules that asks for all that `narrow` asks for.
    const Rule* first_covering(const Rule& narrow, const std::vector<Rule>& rules,
                               std::size_t count) {
        const auto end = rules.begin() + static_cast<std::ptrdiff_t>(count);
        const auto found = std::find_if(rules.begin(), end,
                                        [&](const Rule& wide) { return is_covered(narrow, wide); });
        return found == end ? nullptr : &*found;
    }
    const Rule* first_covering(const Rule& narrow, const std::vector<Rule>& rules) {
        return first_covering(narrow, rules, rules.size());
    }

    Finding& add(std::string code, const Guest& guest, const Rule& rule) {
        return findings_.emplace_back(
            rule_finding(Severity::Warning, std::move(code), guest, rule));
    }

    void check_rule(const Guest& guest, std::size_t index) {
        const Rule& rule = guest.usb[index];
        if (const Rule* exception = first_covering(rule, guest.except)) {
            Finding& finding = add("rule-excepted", guest, rule);
            finding.what = rule_name(rule, "usb") +
                           " can never hold: " + rule_name(*exception, "except") + " in line " +
                           std::to_string(exception->line) + " takes out all that it asks for";
            finding.advice = "remove one of the two, or say more in the exception";
        } else if (const Rule* earlier = first_covering(rule, guest.usb, index)) {
            add_duplicate(guest, rule, *earlier, "usb");
        } else {
            check_guests_ahead(guest, rule);
        }
    }

    void add_duplicate(const Guest& guest, const Rule& rule, const Rule& earlier,
                       std::string_view kind) {
        Finding& finding = add("rule-duplicate", guest, rule);
        finding.what = rule_name(rule, kind) + " adds nothing: " + rule_name(earlier, kind) +
                       " in line " + std::to_string(earlier.line) + " asks for all of it";
        finding.advice = "remove it, or say more in the other";
    }

    void check_guests_ahead(const Guest& guest, const Rule& rule) {
        for (const Guest& other : guests_) {
            if (!is_ahead(other, guest)) {
                continue;
            }
            const Rule* covering = first_covering(rule, other.usb);
            if (covering != nullptr && takes_all(other, guest)) {
                Finding& finding = add("rule-shadowed", guest, rule);
                finding.what = "guest " + other.name + " gets all that " + rule_name(rule, "usb") +
                               " asks for first whenever it runs, by line " +
                               std::to_string(covering->line) + " of " +
                               printable(other.file, 1024);
                finding.advice = "if the two do not take turns, change their priority or say more "
                                 "in that rule";
                return;
            }
        }
    }

    /// Whether what `ahead` has taken out is taken out of `behind`, too, so that of what both rules
    /// ask for nothing is left to `behind`.
    bool takes_all(const Guest& ahead, const Guest& behind) {
        return std::all_of(ahead.except.begin(), ahead.except.end(), [&](const Rule& exception) {
            return !exception.enabled || first_covering(exception, behind.except) != nullptr;
        });
    }

    void check_exceptions(const Guest& guest) {
        for (std::size_t i = 0; i < guest.except.size(); ++i) {
            const Rule& rule = guest.except[i];
            const Rule* earlier = rule.enabled ? first_covering(rule, guest.except, i) : nullptr;
            if (earlier != nullptr) {
                add_duplicate(guest, rule, *earlier, "except");
            }
        }
    }

    void check_disks(const Guest& guest) {
        for (std::size_t i = 0; i < guest.disk.size(); ++i) {
            const Rule& rule = guest.disk[i].rule;
            const auto end = guest.disk.begin() + static_cast<std::ptrdiff_t>(i);
            const auto earlier =
                std::find_if(guest.disk.begin(), rule.enabled ? end : guest.disk.begin(),
                             [&](const DiskRule& wide) { return is_covered(rule, wide.rule); });
            if (earlier != end && rule.enabled) {
                add_duplicate(guest, rule, earlier->rule, "disk");
            }
        }
    }

    void check_any(const Guest& guest) {
        if (std::any_of(guest.usb.begin(), guest.usb.end(),
                        [](const Rule& r) { return r.enabled; }) ||
            std::any_of(guest.disk.begin(), guest.disk.end(),
                        [](const DiskRule& r) { return r.rule.enabled; })) {
            return;
        }
        Finding& finding =
            findings_.emplace_back(guest_finding(Severity::Warning, "guest-no-rule", guest));
        finding.what = guest.usb.empty() && guest.disk.empty()
                           ? "there is no [[usb]] rule, so the guest gets nothing"
                           : "every rule is switched off, so the guest gets nothing";
    }

    void note_too_many() {
        Finding& finding = findings_.emplace_back();
        finding.severity = Severity::Note;
        finding.code = "rules-many";
        finding.what = "there are too many rules to compare each with every other";
    }

    const std::vector<Guest>& guests_;
    std::vector<Finding> findings_;
    std::size_t left_ = comparisons_max;
};

} // namespace

std::vector<Finding> check_rules(const std::vector<Guest>& guests) {
    return RuleCheck(guests).run();
}

std::string rule_name(const Rule& rule, std::string_view kind) {
    return "[[" + std::string(kind) + "]] rule" +
           (rule.description.empty() ? "" : " \"" + printable(rule.description, 60) + "\"");
}

} // namespace usb_hotplug
