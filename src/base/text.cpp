// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fnmatch.h>
#include <locale.h> // NOLINT(modernize-deprecated-headers): uselocale() is POSIX
#include <numeric>

namespace usb_hotplug {

namespace {

/// The end of the bracket expression that begins at `start`, or npos when it has none. The first
/// character may be a ']' of its own, and "[:alpha:]" is one element.
std::size_t bracket_end(std::string_view pattern, std::size_t start) {
    std::size_t i = start + 1;
    if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) {
        ++i;
    }
    for (const std::size_t first = i; i < pattern.size(); ++i) {
        const bool named = pattern[i] == '[' && i + 1 < pattern.size() &&
                           std::string_view(":.=").find(pattern[i + 1]) != std::string_view::npos;
        if (named) {
            const char closing[] = {pattern[i + 1], ']'};
            const std::size_t end = pattern.find(std::string_view(closing, 2), i + 2);
            if (end == std::string_view::npos) {
                return end;
            }
            i = end + 1;
        } else if (pattern[i] == '\\') {
            ++i;
        } else if (pattern[i] == ']' && i > first) {
            return i;
        }
    }
    return std::string_view::npos;
}

struct TimeUnit {
    std::string_view name;
    std::chrono::milliseconds length;
};

// The first of each length is how we write it.
constexpr std::array<TimeUnit, 15> time_units = {{
    {"h", std::chrono::hours(1)},
    {"hr", std::chrono::hours(1)},
    {"hour", std::chrono::hours(1)},
    {"hours", std::chrono::hours(1)},
    {"min", std::chrono::minutes(1)},
    {"m", std::chrono::minutes(1)},
    {"minute", std::chrono::minutes(1)},
    {"minutes", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
    {"sec", std::chrono::seconds(1)},
    {"second", std::chrono::seconds(1)},
    {"seconds", std::chrono::seconds(1)},
    {"", std::chrono::seconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"msec", std::chrono::milliseconds(1)},
}};

/// Takes what is in `characters` from the start of `text`.
std::string_view take(std::string_view& text, std::string_view characters) {
    const std::string_view taken =
        text.substr(0, std::min(text.find_first_not_of(characters), text.size()));
    text.remove_prefix(taken.size());
    return taken;
}

std::string padded(std::uint32_t value, int base, int digits) {
    char buffer[16];
    const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value, base).ptr;
    std::string text(std::begin(buffer), end);
    const auto width = static_cast<std::size_t>(digits);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

/// Number of single-character edits that turn `a` into `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

} // namespace

bool is_deceptive(std::uint32_t code) {
    constexpr std::pair<std::uint32_t, std::uint32_t> ranges[] = {
        {0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
        {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    return std::any_of(std::begin(ranges), std::end(ranges), [&](const auto& range) {
        return code >= range.first && code <= range.second;
    });
}

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (length == 1) {
        return {1, lead};
    }
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
        return {};
    }
    std::uint32_t code = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return {};
        }
        code = (code << 6U) | (byte(i) & 0x3fU);
    }
    constexpr std::uint32_t first_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    const bool valid = code >= first_of_length[length] && !surrogate && code <= 0x10ffff;
    return valid ? Character{length, code} : Character();
}

std::optional<std::uint32_t> parse_number(std::string_view text, int base, std::uint32_t max) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || value > max) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::chrono::milliseconds> parse_time_span(std::string_view text) {
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
    constexpr std::string_view blanks = " \t";
    text = trim(text);
    std::chrono::milliseconds span(0);
    const bool parts = !text.empty();
    while (!text.empty()) {
        const auto number = parse_number(take(text, "0123456789"), 10, 86400000);
        take(text, blanks);
        const std::string_view name = take(text, "abcdefghijklmnopqrstuvwxyz");
        take(text, blanks);
        const auto unit = std::find_if(time_units.begin(), time_units.end(),
                                       [&](const TimeUnit& known) { return known.name == name; });
        if (!number || unit == time_units.end() || *number > longest / unit->length) {
            return std::nullopt;
        }
        span += *number * unit->length;
    }
    return parts && span <= longest ? std::optional(span) : std::nullopt;
}

std::string time_span_text(std::chrono::milliseconds span) {
    std::string text;
    auto longer = std::chrono::milliseconds::max();
    for (const TimeUnit& unit : time_units) {
        if (unit.length < longer && span >= unit.length) {
            text += (text.empty() ? "" : " ") + std::to_string(span / unit.length) +
                    std::string(unit.name);
            span %= unit.length;
        }
        longer = unit.length;
    }
    return text.empty() ? "0s" : text;
}

std::string hex(std::uint32_t value, int digits) {
    return padded(value, 16, digits);
}

std::string decimal(std::uint32_t value, int digits) {
    return padded(value, 10, digits);
}

std::string printable(std::string_view text, std::size_t max) {
    std::string out;
    while (!text.empty()) {
        const auto [length, code] = first_character(text);
        const bool control = code < 0x20 || code == 0x7f || is_deceptive(code);
        const bool plain = length > 0 && !control && code != '\\';
        const auto lead = static_cast<unsigned char>(text[0]);
        const std::string piece =
            plain ? std::string(text.substr(0, length)) : "\\x" + hex(lead, 2);
        if (out.size() + piece.size() > max) {
            return out + "...";
        }
        out += piece;
        text.remove_prefix(plain ? length : 1);
    }
    return out;
}

std::string decode_udev(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text.size() >= 4 && text.starts_with("\\x")) {
            if (const auto byte = parse_number(text.substr(2, 2), 16, 0xff)) {
                out += static_cast<char>(*byte);
                text.remove_prefix(4);
                continue;
            }
        }
        out += text[0];
        text.remove_prefix(1);
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) {
            parts.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        out += out.empty() ? part : std::string(separator) + part;
    }
    return out;
}

bool glob_matches(const std::string& pattern, std::string text) {
    // To C the text would end at a NUL. It becomes a control character that the pattern has not.
    char stand_in = '\x01';
    while (pattern.find(stand_in) != std::string::npos && stand_in < '\x7f') {
        ++stand_in;
    }
    std::replace(text.begin(), text.end(), '\0', stand_in);
    static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
    const locale_t before = uselocale(plain);
    const bool fits = fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
    uselocale(before);
    return fits;
}

std::optional<std::string> glob_mistake(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\') {
            if (++i == pattern.size()) {
                return "ends in a backslash; write two for the character itself";
            }
        } else if (pattern[i] == '[') {
            i = bracket_end(pattern, i);
            if (i == std::string_view::npos) {
                return "has a '[' without a ']'; write [[] for the character itself";
            }
        }
    }
    return std::nullopt;
}

std::string to_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = first_character(text).length;
        if (length > 0) {
            out += text.substr(0, length);
        } else {
            const auto byte = static_cast<unsigned char>(text[0]);
            out += static_cast<char>(0xc0U | byte >> 6U);
            out += static_cast<char>(0x80U | (byte & 0x3fU));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string counted(std::size_t number, std::string_view what) {
    return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
    const std::string meant = lower(word);
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t edits = distance(meant, lower(candidate));
        if (edits < best_distance && edits < candidate.size()) {
            best = candidate;
            best_distance = edits;
        }
    }
    return best;
}

} // namespace usb_hotplug
