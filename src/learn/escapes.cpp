// SPDX-License-Identifier: LGPL-2.1-or-later

#include "learn/escapes.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace usb_hotplug {

namespace {

constexpr std::array<std::pair<char, char>, 8> named_escapes = {{{'\b', 'b'},
                                                                 {'\f', 'f'},
                                                                 {'\n', 'n'},
                                                                 {'\r', 'r'},
                                                                 {'\t', 't'},
                                                                 {'\v', 'v'},
                                                                 {'\\', '\\'},
                                                                 {'"', '"'}}};

/// Up to three octal digits at the start of `text`, which are taken from it; nothing when there are
/// none, or they are no byte but NUL.
std::optional<char> take_octal(std::string_view& text) {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (digits < 3 && digits < text.size() && text[digits] >= '0' && text[digits] <= '7') {
        value = value * 8 + static_cast<std::uint32_t>(text[digits] - '0');
        ++digits;
    }
    text.remove_prefix(digits);
    return value == 0 || value > 0xff ? std::nullopt : std::optional(static_cast<char>(value));
}

bool is_control(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

} // namespace

std::string c_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const auto* const named = std::find_if(named_escapes.begin(), named_escapes.end(),
                                               [&](const auto& pair) { return pair.first == c; });
        if (named != named_escapes.end()) {
            out += {'\\', named->second};
        } else if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            out +=
                {'\\', static_cast<char>('0' + (byte >> 6U)),
                 static_cast<char>('0' + (byte >> 3U & 7U)), static_cast<char>('0' + (byte & 7U))};
        }
    }
    return out;
}

std::optional<std::string> c_unescape(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const char c = text[0];
        text.remove_prefix(1);
        if (c != '\\') {
            out += c;
            continue;
        }
        const char kind = text.empty() ? '\0' : text[0];
        const auto* const named =
            std::find_if(named_escapes.begin(), named_escapes.end(),
                         [&](const auto& pair) { return pair.second == kind; });
        if (named != named_escapes.end()) {
            out += named->first;
            text.remove_prefix(1);
        } else if (const auto byte = take_octal(text)) {
            out += *byte;
        } else {
            return std::nullopt;
        }
    }
    return out;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += {digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string out;
    for (; text.size() >= 2; text.remove_prefix(2)) {
        const auto byte = parse_number(text.substr(0, 2), 16, 0xff);
        if (!byte) {
            return std::nullopt;
        }
        out += static_cast<char>(*byte);
    }
    return text.empty() ? std::optional(std::move(out)) : std::nullopt;
}

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const auto [length, code] = first_character(text);
        if (length == 0 || is_control(code)) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string toml_string(std::string_view text) {
    const std::string valid = to_utf8(text);
    std::string_view rest = valid;
    std::string out = "\"";
    while (!rest.empty()) {
        const auto [length, code] = first_character(rest);
        if (is_control(code) || is_deceptive(code)) {
            out += code > 0xffff ? "\\U" + hex(code, 8) : "\\u" + hex(code, 4);
        } else {
            out += code == '"' || code == '\\' ? "\\" : "";
            out += rest.substr(0, length);
        }
        rest.remove_prefix(length);
    }
    return out + '"';
}

std::string glob_literal(std::string_view text) {
    const bool valid = to_utf8(text) == text;
    std::string out;
    for (const char c : text) {
        if (c == '\0' || (!valid && static_cast<unsigned char>(c) >= 0x80)) {
            out += '?';
        } else {
            out += std::string_view("*?[\\").find(c) == std::string_view::npos ? "" : "\\";
            out += c;
        }
    }
    return out;
}

} // namespace usb_hotplug
