// SPDX-License-Identifier: LGPL-2.1-or-later
//
// udev rules that run usb-libvirt-hotplug.sh, https://github.com/olavmrk/usb-libvirt-hotplug, or a
// script descended from it, with a domain's name. The matches of such a rule become conditions. A
// rule with a match that cannot become one is left out as a whole: without it, the guest would get
// more. What the matches become is udev_match.cpp's business.

#include "base/text.h"
#include "import/udev_match.h"

#include <algorithm>
#include <optional>

namespace usb_hotplug::imports {

namespace {

constexpr std::string_view script_name = "usb-libvirt-hotplug";

/// The words of a command, as udev takes them apart: single quotes keep blanks together.
std::vector<std::string> words_of_command(std::string_view command) {
    std::vector<std::string> words;
    for (;;) {
        command = trim(command);
        if (command.empty()) {
            return words;
        }
        const bool in_quotes = command[0] == '\'' && command.find('\'', 1) != std::string::npos;
        const std::size_t start = in_quotes ? 1 : 0;
        const std::size_t end =
            std::min(command.find_first_of(in_quotes ? "'" : " \t", start), command.size());
        words.emplace_back(command.substr(start, end - start));
        command.remove_prefix(std::min(end + 1, command.size()));
    }
}

bool is_script(std::string_view word) {
    return word.substr(word.rfind('/') + 1).starts_with(script_name); // npos + 1 is 0
}

/// The words from the script's name on; none when the token does not run it.
std::vector<std::string> call_of(const UdevToken& token) {
    const bool runs =
        token.key == "RUN" && (token.attribute.empty() || token.attribute == "program");
    if (!runs || token.is_match() || token.op == "-=") {
        return {};
    }
    auto words = words_of_command(token.value);
    words.erase(words.begin(), std::find_if(words.begin(), words.end(), is_script));
    return words;
}

/// Why the call of the script cannot be carried over.
std::optional<std::string> mistake_in_call(const std::vector<std::string>& call) {
    if (call.size() != 2) {
        return "the script has " + std::to_string(call.size() - 1) +
               " arguments, and not the domain's name alone";
    }
    if (call[1].empty()) {
        return "the domain's name is empty";
    }
    if (call[1].find_first_of("$%") != std::string::npos) {
        return "the domain's name is put together when the rule runs";
    }
    return std::nullopt;
}

std::string rule_text(const UdevRule& rule) {
    std::vector<std::string> parts;
    for (const UdevToken& token : rule.tokens) {
        parts.push_back(token.text());
    }
    return join(parts);
}

/// Goes through the rules of one file.
class Reader {
public:
    Reader(const Source& source, Drafts& drafts) : source_(source), drafts_(drafts) {}

    void rule(const UdevRule& rule);
    Result<> end();

private:
    void follow_jumps(const UdevRule& rule, const Matches& matches);
    void call(const UdevRule& rule, const Matches& matches, const std::vector<std::string>& words);
    void write(const UdevRule& rule, const Matches& matches, Draft& draft);

    const Source& source_;
    Drafts& drafts_;
    std::vector<std::pair<std::string, std::size_t>> jumps_; ///< labels ahead, and who goes there
    std::vector<std::string> others_; ///< lines of rules that have nothing to do with this
    bool found_ = false;
};

/// A rule between a GOTO and its label does not always count. Of the usual ones, that jump for what
/// is no USB device, is known that they do not jump for one.
void Reader::follow_jumps(const UdevRule& rule, const Matches& matches) {
    for (const UdevToken& token : rule.tokens) {
        if (token.key == "LABEL") {
            std::erase_if(jumps_, [&](const auto& jump) { return jump.first == token.value; });
        } else if (token.key == "GOTO" && !matches.never) {
            jumps_.emplace_back(token.value, rule.line);
        }
    }
}

void Reader::write(const UdevRule& rule, const Matches& matches, Draft& draft) {
    if (!jumps_.empty()) {
        draft.differs("the GOTO on line " + std::to_string(jumps_.back().second) +
                      " can skip this rule, which no rule here can say, so it is switched off. "
                      "If it shall always count, take \"enabled = false\" out.");
    }
    for (const std::string& text : matches.differs) {
        draft.differs(text);
    }
    for (const std::string& text : matches.hints) {
        draft.comment(text);
    }
    // One that always counts would give the guest more than before.
    NewRule written{false, jumps_.empty(), rule.description, matches.keys};
    if (written.keys.empty()) {
        written.add("all", "true");
    }
    draft.rule(written);
}

void Reader::call(const UdevRule& rule, const Matches& matches,
                  const std::vector<std::string>& words) {
    found_ = true;
    const std::string line = source_.file + ", line " + std::to_string(rule.line);
    if (const auto mistake = mistake_in_call(words)) {
        drafts_.general().lost(line + ": " + *mistake + ": " + rule_text(rule));
        return;
    }
    if (matches.never) {
        drafts_.of_known(words[1]).comment(line + " is not needed: " + *matches.never + ".");
        drafts_.of_known(words[1]).blank();
        return;
    }
    Draft& draft = drafts_.of(words[1]);
    if (matches.lost) {
        draft.lost(line + ": " + *matches.lost + ": " + rule_text(rule));
        draft.blank();
        return;
    }
    draft.comment(line);
    write(rule, matches, draft);
}

void Reader::rule(const UdevRule& rule) {
    const Matches matches = matches_of(rule);
    bool calls = false;
    std::vector<std::string> settings;
    for (const UdevToken& token : rule.tokens) {
        const auto words = call_of(token);
        calls = calls || !words.empty();
        if (words.empty() && !token.is_match() && token.key != "LABEL" && token.key != "GOTO") {
            settings.push_back(token.text());
        }
    }
    const std::string line = std::to_string(rule.line);
    if (calls && !settings.empty()) {
        drafts_.general().lost(source_.file + ", line " + line + ": " + join(settings) +
                               ". Keep it in a udev rule of its own.");
    }
    for (const UdevToken& token : rule.tokens) {
        if (const auto words = call_of(token); !words.empty()) {
            call(rule, matches, words);
        }
    }
    if (!calls && !settings.empty()) {
        others_.push_back(line);
    }
    follow_jumps(rule, matches);
}

Result<> Reader::end() {
    if (!found_) {
        return fail(printable(source_.file, 1024) + ": no rule here has RUN+=\"..." +
                    std::string(script_name) + ".sh DOMAIN\"");
    }
    if (!others_.empty()) {
        drafts_.general().lost("the rules of " + source_.file +
                               (others_.size() == 1 ? " on line " : " on lines ") + join(others_) +
                               ", which do not run " + std::string(script_name) +
                               ". If you need them, keep them there.");
    }
    return {};
}

} // namespace

Result<> read_udev(const Source& source, Drafts& drafts) {
    const auto rules = parse_udev_rules(source);
    if (!rules) {
        return tl::unexpected<Error>(rules.error());
    }
    drafts.first_wins();
    Reader reader(source, drafts);
    for (const UdevRule& rule : *rules) {
        reader.rule(rule);
    }
    return reader.end();
}

} // namespace usb_hotplug::imports
