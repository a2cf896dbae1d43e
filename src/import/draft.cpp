// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/draft.h"

#include "base/text.h"
#include "base/unit_name.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <toml++/toml.h>

namespace usb_hotplug::imports {

namespace {

constexpr std::size_t width = 78;
/// What a comment quotes of the source can be as long as the source.
constexpr std::size_t comment_max = 2000;
constexpr std::size_t any_length = std::string::npos;

/// printable(), but for the backslash: here are patterns to be read, and no escapes to be told
/// from them.
std::string harmless(std::string_view text) {
    std::string out;
    for (;;) {
        const std::size_t backslash = text.find('\\');
        out += printable(text.substr(0, backslash), any_length);
        if (backslash == std::string_view::npos) {
            return out;
        }
        out += '\\';
        text.remove_prefix(backslash + 1);
    }
}

/// A file name and unit instance made of a domain's name, which can be anything.
std::string guest_name_of(const std::string& domain) {
    std::string name = domain.substr(0, 100);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_guest_name(std::string("x") + c); }, '_');
    return is_guest_name(name) && name != "host" ? name : "guest-" + name;
}

} // namespace

std::string toml_string(std::string_view text) {
    const bool plain = harmless(text) == text;
    const bool basic = text.find_first_of("\"\\") == std::string_view::npos;
    if (plain && basic) {
        return "\"" + std::string(text) + "\"";
    }
    if (plain && text.find('\'') == std::string_view::npos) {
        return "'" + std::string(text) + "'";
    }
    // In ASCII, with escapes for everything that is not plain.
    const toml::value<std::string> value{std::string(text)};
    std::ostringstream out;
    out << toml::toml_formatter(value, toml::format_flags::none);
    return out.str();
}

std::string one_or_list(const std::vector<std::string>& values) {
    return values.size() == 1 ? values.front() : "[" + join(values) + "]";
}

std::string literal_glob(std::string_view text) {
    std::string glob;
    for (const char c : text) {
        glob += std::string_view("*?[\\").find(c) == std::string_view::npos ? "" : "\\";
        glob += c;
    }
    return glob;
}

bool is_id_half(std::string_view text) {
    return text.size() == 4 && parse_number(text, 16, 0xffff).has_value();
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (const std::string_view part : split(line, ' ')) {
        for (const std::string_view word : split(trim(part), '\t')) {
            words.push_back(word);
        }
    }
    return words;
}

std::string comment_lines(std::string_view text) {
    std::string safe = harmless(text.substr(0, comment_max));
    if (text.size() > comment_max) {
        safe += "...";
    }
    std::string out;
    std::string line = "#";
    for (const std::string_view word : split(safe, ' ')) {
        if (line.size() > 1 && line.size() + 1 + word.size() > width) {
            out += line + "\n";
            line = "#  ";
        }
        line += ' ';
        line += word;
    }
    return out + line + "\n";
}

void Draft::note(const std::string& what) {
    comment(what);
    notes_.push_back(what.substr(0, comment_max));
}

void Draft::rule(const NewRule& rule) {
    body_ += rule.except ? "[[except]]\n" : "[[usb]]\n";
    if (!rule.description.empty()) {
        body_ += "description = " + toml_string(rule.description) + "\n";
    }
    if (!rule.enabled) {
        body_ += "enabled = false\n";
    }
    for (const auto& [key, value] : rule.keys) {
        body_ += key;
        body_ += " = ";
        body_ += value;
        body_ += '\n';
    }
    body_ += '\n';
}

void Draft::append(const Draft& other) {
    body_ += other.body_;
    notes_.insert(notes_.end(), other.notes_.begin(), other.notes_.end());
}

Draft& Drafts::of(const std::string& domain) {
    const auto [found, added] = index_.try_emplace(domain, entries_.size());
    if (added) {
        entries_.push_back({domain, {}});
    }
    return entries_[found->second].draft;
}

Draft& Drafts::of_known(const std::string& domain) {
    return knows(domain) ? of(domain) : general_;
}

/// Names that can be file names stay as they are; those made up for the others keep clear of them.
std::vector<std::string> Drafts::guest_names() const {
    std::set<std::string> taken;
    std::vector<std::string> names;
    for (const Entry& entry : entries_) {
        if (guest_name_of(entry.domain) == entry.domain) {
            taken.insert(entry.domain);
        }
    }
    std::map<std::string, std::size_t> copies;
    for (const Entry& entry : entries_) {
        const std::string wanted = guest_name_of(entry.domain);
        std::string name = wanted;
        while (wanted != entry.domain && !taken.insert(name).second) {
            name = wanted + "-" + std::to_string(++copies[wanted] + 1);
        }
        names.push_back(std::move(name));
    }
    return names;
}

std::string Drafts::guest_table(std::size_t i, const std::string& guest) const {
    std::string keys;
    if (guest != entries_[i].domain) {
        keys += "domain = " + toml_string(entries_[i].domain) + "\n";
    }
    const std::size_t behind = entries_.size() - 1 - i;
    if (first_wins_ && behind > 0) {
        constexpr std::size_t priority_max = 1000000;
        keys += "priority = " + std::to_string(std::min(behind * 10, priority_max)) + "\n";
    }
    return keys.empty() ? "" : "[guest]\n" + keys + "\n";
}

Imported Drafts::finish(const std::string& origin) const {
    Imported imported;
    imported.remarks = general_.body();
    imported.notes = general_.notes();
    const auto names = guest_names();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Draft& draft = entries_[i].draft;
        std::string toml = comment_lines(origin) + "\n" + guest_table(i, names[i]) + draft.body();
        toml.erase(toml.find_last_not_of('\n') + 1);
        imported.files.push_back({names[i], toml + "\n", draft.notes()});
    }
    return imported;
}

tl::unexpected<Error> mistake_at(const Source& source, std::size_t offset,
                                 const std::string& message) {
    const std::string_view before = std::string_view(source.text).substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') + 1; // npos + 1 is 0
    return fail(printable(source.file, 1024) + ":" + std::to_string(line) + ":" +
                std::to_string(before.size() - start + 1) + ": " + message);
}

} // namespace usb_hotplug::imports
