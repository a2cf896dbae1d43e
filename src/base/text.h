// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Small text tools: numbers with bounds, globs, suggestions, and making hostile strings harmless.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

/// Number of at most `max`, or nothing when `text` is empty, has any other character (a sign, a
/// blank) or is larger. `base` is 8, 10 or 16; a "0x" is not accepted.
std::optional<std::uint32_t> parse_number(std::string_view text, int base, std::uint32_t max);

/// A time span as systemd writes it (systemd.time(7)): "10s", "500ms", "1min 30s", a number alone
/// being seconds. Nothing when it is none, has a fraction, or is longer than a day.
std::optional<std::chrono::milliseconds> parse_time_span(std::string_view text);

/// The shortest way to write it: "1min 30s", "500ms", "0s".
std::string time_span_text(std::chrono::milliseconds span);

/// `value` in lower-case hexadecimal, padded with zeros to `digits`.
std::string hex(std::uint32_t value, int digits);

/// `value` in decimal, padded with zeros to `digits`.
std::string decimal(std::uint32_t value, int digits);

/// One character of UTF-8.
struct Character {
    std::size_t length = 0; ///< in bytes; 0 when there is no valid one
    std::uint32_t code = 0;
};

/// The character at the start of a text that is not empty (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
Character first_character(std::string_view text);

/// Whether a terminal obeys or hides it: C1 controls, zero-width characters, marks that turn the
/// writing direction (Unicode, UAX #9), separators of lines and paragraphs, the byte order mark.
bool is_deceptive(std::uint32_t code);

/// Makes a string that came from a device, a guest or a file safe for a terminal, a log line and a
/// table cell: control and invisible characters, marks that turn the writing direction, bytes that
/// are not valid UTF-8 and the backslash become \xNN, and what is longer than `max` bytes is cut
/// and ends in "...".
std::string printable(std::string_view text, std::size_t max = 256);

/// Undoes udev's "\xNN" encoding of the ID_*_ENC properties; anything else stays as it is.
std::string decode_udev(std::string_view text);

/// With the ASCII letters in lower case.
std::string lower(std::string_view text);

/// Without white space at either end.
std::string_view trim(std::string_view text);

/// The parts of `text` between the characters `separator`; empty parts are left out.
std::vector<std::string_view> split(std::string_view text, char separator);

/// "a, b and c".
std::string join(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// "1 device", "2 devices". `what` is in the singular, and its plural is formed with an s.
std::string counted(std::size_t number, std::string_view what);

/// Shell glob over the whole text, ignoring the case of ASCII letters (fnmatch(3)). Byte by byte,
/// in every locale: the same pattern must fit the same text in every program. A NUL in the text is
/// a character of its own.
bool glob_matches(const std::string& pattern, std::string text);

/// What is wrong with a glob: "has a '[' without a ']'"; nothing when it is in order.
std::optional<std::string> glob_mistake(std::string_view pattern);

/// The text as valid UTF-8: a byte that is not part of any becomes the character of that number,
/// as if it were Latin-1.
std::string to_utf8(std::string_view text);

/// The candidate that `word` was probably meant to be, upper and lower case being the same, or
/// nothing when none is near.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

} // namespace usb_hotplug
