// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of learn/escapes: what is escaped reads back as it was.

#include "learn/escapes.h"

#include "base/text.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <toml++/toml.h>

using namespace usb_hotplug;

namespace {

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
    }
    return bytes;
}

/// What TOML reads.
std::string read_back(const std::string& quoted) {
    return toml::parse("text = " + quoted + "\n")["text"].value_or(std::string("nothing"));
}

} // namespace

TEST_CASE("C escapes read back, all bytes but NUL") {
    const std::string bytes = all_bytes().substr(1);
    CHECK(c_unescape(c_escape(bytes)) == bytes);
    CHECK(c_escape("a\"b\\c\n\x01\xff\x7f") == R"(a\"b\\c\n\001\377\177)");
    // A digit after an octal escape is no part of it.
    CHECK(c_unescape(c_escape("\x01"
                              "7")) == "\x01"
                                       "7");
}

TEST_CASE("unknown C escapes are nothing") {
    for (const char* text : {"\\", "a\\", "\\x41", "\\q", "\\0", "\\000", "\\777", "\\8"}) {
        CAPTURE(text);
        CHECK_FALSE(c_unescape(text));
    }
    CHECK(c_unescape("\\1\\12\\123") == "\x01\n\x53");
    CHECK(c_unescape("") == "");
}

TEST_CASE("hexadecimal reads back, and nothing else is read") {
    CHECK(from_hex(to_hex(all_bytes())) == all_bytes());
    CHECK(to_hex("\x12\xab") == "12AB");
    CHECK(from_hex("12aB") == "\x12\xab");
    CHECK(from_hex("") == "");
    for (const char* text : {"1", "123", "1g", " 1", "0x12", "+1"}) {
        CAPTURE(text);
        CHECK_FALSE(from_hex(text));
    }
}

TEST_CASE("plain text is UTF-8 without controls") {
    CHECK(is_plain_text(""));
    CHECK(is_plain_text("Kr\xc3\xbcger \xe2\x82\xac \xf0\x9f\x98\x80"));
    for (const char* text : {"a\n", "a\tb", "\x7f", "\xc2\x9b", "\xff", "\xc3", "\xed\xa0\x80"}) {
        CAPTURE(text);
        CHECK_FALSE(is_plain_text(text));
    }
    CHECK_FALSE(is_plain_text(std::string_view("a\0b", 3)));
}

TEST_CASE("a TOML string reads back, whatever is in it") {
    for (const std::string& text :
         {std::string(), std::string("Cruzer Blade"), std::string("\"'\\\b\f\n\r\t\x1b[31m\x7f"),
          std::string("\"\n[[usb]]\nall = true\n#"), std::string("a\0b", 3),
          std::string("Kr\xc3\xbcger \xe2\x82\xac \xf0\x9f\x98\x80 \xe2\x80\xae\xc2\x9b"),
          std::string("\xf3\xa0\x80\x81")}) {
        CAPTURE(text);
        const std::string quoted = toml_string(text);
        CHECK(read_back(quoted) == text);
        CHECK(is_plain_text(quoted));
        // Safe to print, too: nothing that printable() would change but its own backslash.
        std::string shown = quoted;
        std::replace(shown.begin(), shown.end(), '\\', '/');
        CHECK(printable(shown) == shown);
    }
    CHECK(toml_string("\xe2\x80\xae\x1b\"") == R"("\u202e\u001b\"")");
    CHECK(toml_string("\xf3\xa0\x80\x81") == R"("\U000e0001")");
    // Not UTF-8: as Latin-1.
    CHECK(read_back(toml_string("\xff")) == "\xc3\xbf");
    CHECK(read_back(toml_string(all_bytes())) == to_utf8(all_bytes()));
}

TEST_CASE("a literal glob fits its text and no other") {
    for (const std::string text : {"4C53", "*", "a*b", "[x]", "a?b", "\\", "\\*", "[!a]-[[:x:]]"}) {
        CAPTURE(text);
        CHECK_FALSE(glob_mistake(glob_literal(text)));
        CHECK(glob_matches(glob_literal(text), text));
        CHECK_FALSE(glob_matches(glob_literal(text), text + "x"));
        CHECK_FALSE(glob_matches(glob_literal(text), "x" + text));
    }
    CHECK_FALSE(glob_matches(glob_literal("a*b"), "axb"));
    CHECK_FALSE(glob_matches(glob_literal("[x]"), "x"));
    CHECK(glob_literal("a\xff*") == "a?\\*");
    CHECK(glob_matches(glob_literal("a\xff"), "a\xff"));
    CHECK(glob_literal("\xc3\xbc") == "\xc3\xbc");
}
