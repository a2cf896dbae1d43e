// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Texts of devices in text files: C escapes and hexadecimal of descriptions, strings of TOML, and
// texts that a glob takes literally. Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usb_hotplug {

/// As GLib's g_strescape: \b, \f, \n, \r, \t, \v, \\, \" and three octal digits for every other
/// byte that is not printable ASCII.
std::string c_escape(std::string_view text);

/// Undoes it; nothing when there is any other escape, or one of a NUL.
std::optional<std::string> c_unescape(std::string_view text);

/// Upper-case digits, as umockdev wants them.
std::string to_hex(std::string_view bytes);

/// Nothing when it is not pairs of hexadecimal digits.
std::optional<std::string> from_hex(std::string_view text);

/// Whether the text is valid UTF-8 without control characters (C0, DEL, C1).
bool is_plain_text(std::string_view text);

/// A TOML basic string, with its quotes. Bytes that are not UTF-8 become Latin-1 (to_utf8()); what
/// a terminal obeys or hides is escaped.
std::string toml_string(std::string_view text);

/// A glob that fits this text and no other (but for upper and lower case). In a text that is not
/// valid UTF-8, or has a NUL, TOML cannot say each byte: '?' stands for those.
std::string glob_literal(std::string_view text);

} // namespace usb_hotplug
