// SPDX-License-Identifier: LGPL-2.1-or-later
//
// libvirt-usb-hotplug.conf, which bash reads there: a domain, a list of devices, and whether these
// are the ones to pass through (whitelist), the ones not to (blacklist), or do not matter
// (matchall). Nothing here is run. Only assignments of plain words are understood, all else is said
// in comments.

#include "base/text.h"
#include "import/draft.h"

#include <algorithm>
#include <array>
#include <optional>

namespace usb_hotplug::imports {

namespace {

/// What means itself in bash without quotes.
constexpr std::string_view plain_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.,@%+/=-";
constexpr std::string_view name_characters = plain_characters.substr(0, 63);

struct Word {
    std::string text;
    std::string remark; ///< the comment behind it on its line
};

struct Assignment {
    std::string name;
    bool append = false;
    bool list = false;
    std::vector<Word> words; ///< one where it is no list
};

/// Reads assignments. Quotes must end on their line and a list ends at the next parenthesis, so
/// whatever the text, no part of it is read often.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] std::size_t line_number() const { return line_; }
    /// The assignment that begins on this line, and goes on to the line after it; nothing, and goes
    /// nowhere, when there is none.
    std::optional<Assignment> assignment();
    /// This line, and goes on to the next.
    std::string_view line();

private:
    bool take(char c);
    std::string_view take_all(std::string_view characters);
    std::string_view take_until(std::string_view characters);
    std::optional<std::string> word();
    bool list(Assignment& assignment);
    bool read(Assignment& assignment);

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

bool Scanner::take(char c) {
    const bool there = at_ < text_.size() && text_[at_] == c;
    at_ += there ? 1 : 0;
    return there;
}

std::string_view Scanner::take_until(std::string_view characters) {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(characters, at_), text_.size());
    return text_.substr(start, at_ - start);
}

std::string_view Scanner::take_all(std::string_view characters) {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_not_of(characters, at_), text_.size());
    return text_.substr(start, at_ - start);
}

std::string_view Scanner::line() {
    const std::string_view all = take_until("\n");
    ++line_;
    (void)take('\n');
    return all;
}

/// A word that means itself: without quotes, or in one pair. In double quotes bash would put in the
/// values of variables and what commands print.
std::optional<std::string> Scanner::word() {
    std::string text;
    if (take('\'')) {
        text = take_until("'\n");
        return take('\'') ? std::optional(text) : std::nullopt;
    }
    if (take('"')) {
        text = take_until("\"$`\\\n");
        return take('"') ? std::optional(text) : std::nullopt;
    }
    text = take_all(plain_characters);
    return text.empty() ? std::nullopt : std::optional(text);
}

/// After the opening parenthesis, to the closing one.
bool Scanner::list(Assignment& assignment) {
    bool fresh = true; // nothing on this line a comment could be about
    for (;;) {
        const bool space = !take_all(" \t").empty();
        if (take('\n')) {
            fresh = true;
        } else if ((space || fresh) && take('#')) {
            const std::string_view remark = trim(take_until("\n"));
            if (!fresh && !assignment.words.empty()) {
                assignment.words.back().remark = remark;
            }
        } else if (take(')')) {
            return true;
        } else {
            auto text = space || fresh ? word() : std::nullopt;
            if (!text) {
                return false;
            }
            assignment.words.push_back({std::move(*text), ""});
            fresh = false;
        }
    }
}

bool Scanner::read(Assignment& assignment) {
    (void)take_all(" \t");
    assignment.name = take_all(name_characters);
    assignment.append = take('+');
    if (assignment.name.empty() || !take('=')) {
        return false;
    }
    assignment.list = take('(');
    if (assignment.list) {
        if (!list(assignment)) {
            return false;
        }
    } else {
        auto text = word();
        if (!text) {
            return false;
        }
        assignment.words.push_back({std::move(*text), ""});
    }
    const bool space = !take_all(" \t").empty();
    if (space && take('#')) {
        (void)take_until("\n");
    }
    return at_end() || take('\n');
}

std::optional<Assignment> Scanner::assignment() {
    const std::size_t start = at_;
    Assignment assignment;
    if (!read(assignment)) {
        at_ = start;
        return std::nullopt;
    }
    const std::string_view taken = text_.substr(start, at_ - start);
    line_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
    return assignment;
}

/// What the file comes to when bash has read it.
struct Settings {
    std::string domain;
    std::string mode;
    std::vector<Word> devices;
    std::vector<std::string> lost;
};

bool is_domain_name(const std::string& name) {
    constexpr std::array<std::string_view, 7> names = {
        "domain", "dom", "targetdomain", "target_domain", "guest", "vm", "vm_name"};
    return std::find(names.begin(), names.end(), lower(name)) != names.end();
}

bool is_mode(const std::string& value) {
    return value == "whitelist" || value == "blacklist" || value == "matchall";
}

/// False when it is about nothing that matters here. Modes are known by their values: nothing else
/// is called so.
bool apply(const Assignment& assignment, Settings& settings) {
    if (assignment.list) {
        if (assignment.name != "devlist") {
            return false;
        }
        if (!assignment.append) {
            settings.devices.clear();
        }
        settings.devices.insert(settings.devices.end(), assignment.words.begin(),
                                assignment.words.end());
        return true;
    }
    const std::string& value = assignment.words.front().text;
    if (assignment.append) {
        return false;
    }
    if (is_mode(value)) {
        settings.mode = value;
        return true;
    }
    if (is_domain_name(assignment.name)) {
        settings.domain = value;
        return true;
    }
    return false;
}

Settings settings_of(std::string_view text) {
    Settings settings;
    Scanner scanner(text);
    while (!scanner.at_end()) {
        Scanner ahead = scanner;
        const std::string where = "line " + std::to_string(scanner.line_number()) + ": ";
        const auto assignment = scanner.assignment();
        const std::string_view line = trim(ahead.line());
        if (assignment && !apply(*assignment, settings)) {
            settings.lost.push_back(where + std::string(line) +
                                    " (neither a domain, a mode nor devlist)");
        } else if (!assignment) {
            if (!line.empty() && line[0] != '#') {
                settings.lost.push_back(where + std::string(line) + " (no plain assignment)");
            }
            scanner = ahead;
        }
    }
    return settings;
}

/// The devices of the list as rules.
std::vector<NewRule> rules_of(Settings& settings) {
    std::vector<NewRule> rules;
    for (const Word& word : settings.devices) {
        if (word.text.size() != 9 || word.text[4] != ':' || !is_id_half(word.text.substr(0, 4)) ||
            !is_id_half(word.text.substr(5))) {
            settings.lost.push_back("in devlist: " + toml_string(word.text) +
                                    " (not vendor:product, four hexadecimal digits each)");
            continue;
        }
        NewRule rule{settings.mode == "blacklist", true, word.remark, {}};
        rule.add("id", toml_string(lower(word.text)));
        rules.push_back(std::move(rule));
    }
    return rules;
}

void write(Settings settings, Draft& draft) {
    const auto rules = rules_of(settings);
    for (const std::string& lost : settings.lost) {
        draft.lost(lost);
    }
    draft.blank();
    if (settings.mode == "whitelist") {
        for (const NewRule& rule : rules) {
            draft.rule(rule);
        }
        return;
    }
    NewRule everything;
    everything.add("all", "true");
    if (settings.mode == "matchall") {
        draft.rule(everything);
        draft.comment("devlist does not count with matchall, and has " +
                      std::to_string(settings.devices.size()) + " devices.");
        return;
    }
    // What was not understood may have been a device to keep away from the guest.
    everything.enabled = settings.lost.empty();
    if (!everything.enabled) {
        draft.differs("the file is not understood as a whole, so the rule for all devices is "
                      "switched off. When every device that the guest must not get has an "
                      "[[except]], take \"enabled = false\" out.");
    }
    draft.rule(everything);
    for (const NewRule& rule : rules) {
        draft.rule(rule);
    }
}

} // namespace

Result<> read_libvirt_usb_hotplug(const Source& source, Drafts& drafts) {
    Settings settings = settings_of(source.text);
    const std::string file = printable(source.file, 1024);
    if (settings.domain.empty()) {
        return fail(file + ": no domain is assigned; add a line with its name, domain=...");
    }
    if (settings.mode.empty()) {
        return fail(file + ": neither whitelist, blacklist nor matchall is assigned to anything; "
                           "add a line, mode=whitelist");
    }
    Draft& draft = drafts.of(settings.domain);
    write(std::move(settings), draft);
    return {};
}

} // namespace usb_hotplug::imports
