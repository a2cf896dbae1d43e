// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of base/text: numbers, what is made safe to print, udev's encoding, globs, suggestions.

#include "base/text.h"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace std::literals;

TEST_CASE("things are counted in the singular and the plural") {
    CHECK(counted(0, "device") == "0 devices");
    CHECK(counted(1, "device") == "1 device");
    CHECK(counted(2, "USB port") == "2 USB ports");
}

TEST_CASE("a number is digits alone, and at most the maximum") {
    struct Case {
        std::string_view text;
        int base;
        std::uint32_t max;
        std::optional<std::uint32_t> number;
    };
    const std::array cases = {
        Case{"0", 10, 127, 0},
        Case{"007", 10, 127, 7},
        Case{"127", 10, 127, 127},
        Case{"128", 10, 127, std::nullopt},
        Case{"", 10, 127, std::nullopt},
        Case{" 1", 10, 127, std::nullopt},
        Case{"1 ", 10, 127, std::nullopt},
        Case{"1\n", 10, 127, std::nullopt},
        Case{"+1", 10, 127, std::nullopt},
        Case{"-1", 10, 127, std::nullopt},
        Case{"-0", 10, 127, std::nullopt},
        Case{"1.0", 10, 127, std::nullopt},
        Case{"1e1", 10, 127, std::nullopt},
        Case{"a", 10, 127, std::nullopt},
        Case{"4294967295", 10, 0xffffffff, 0xffffffff},
        Case{"4294967296", 10, 0xffffffff, std::nullopt},
        Case{"18446744073709551617", 10, 0xffffffff, std::nullopt},
        Case{"00000000000000000000000000000001", 10, 127, 1},
        Case{"c52b", 16, 0xffff, 0xc52b},
        Case{"C52B", 16, 0xffff, 0xc52b},
        Case{"10000", 16, 0xffff, std::nullopt},
        Case{"0x12", 16, 0xffff, std::nullopt},
        Case{"0X12", 16, 0xffff, std::nullopt},
        Case{"x12", 16, 0xffff, std::nullopt},
        Case{"12g", 16, 0xffff, std::nullopt},
        Case{"1\0"sv, 10, 127, std::nullopt},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(parse_number(c.text, c.base, c.max) == c.number);
    }
}

TEST_CASE("hex and decimal pad with zeros and never cut") {
    CHECK(hex(0, 4) == "0000");
    CHECK(hex(0x46d, 4) == "046d");
    CHECK(hex(0xABCDE, 4) == "abcde");
    CHECK(hex(0xffffffff, 2) == "ffffffff");
    CHECK(decimal(5, 3) == "005");
    CHECK(decimal(1234, 3) == "1234");
    CHECK(decimal(4294967295, 1) == "4294967295");
}

TEST_CASE("printable leaves good text alone and makes anything else harmless") {
    struct Case {
        std::string_view text;
        std::string_view shown;
    };
    const std::array cases = {
        Case{"", ""},
        Case{"USB Optical Mouse", "USB Optical Mouse"},
        Case{"quote \" ' < > & ; $(x)", "quote \" ' < > & ; $(x)"},
        Case{"Gerät \xe2\x82\xac \xf0\x9f\x98\x80", "Gerät \xe2\x82\xac \xf0\x9f\x98\x80"},
        Case{"a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"},
        Case{"\x1b[31mred", "\\x1b[31mred"},
        Case{"a\0b"sv, "a\\x00b"},
        Case{"\x7f", "\\x7f"},
        Case{"a\\b", "a\\x5cb"},
        Case{"\\x41", "\\x5cx41"},
        Case{"\xc2\x9b"
             "31m",
             "\\xc2\\x9b31m"}, // a C1 control sequence introducer
        Case{"\xc2\x80", "\\xc2\\x80"},
        Case{"\xc2\xa0", "\xc2\xa0"},
        Case{"\xff\xfe", "\\xff\\xfe"},
        Case{"\x80", "\\x80"},
        Case{"\xc0\x8a", "\\xc0\\x8a"},                            // overlong newline
        Case{"\xc1\xbf", "\\xc1\\xbf"},                            // overlong DEL
        Case{"\xe0\x80\x8a", "\\xe0\\x80\\x8a"},                   // overlong in three
        Case{"\xf0\x80\x80\x8a", "\\xf0\\x80\\x80\\x8a"},          // overlong in four
        Case{"\xed\xa0\x80", "\\xed\\xa0\\x80"},                   // a surrogate
        Case{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},          // above U+10FFFF
        Case{"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},          // no lead byte
        Case{"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"}, // five bytes
        Case{"a\xc3", "a\\xc3"},
        Case{"a\xe2\x82", "a\\xe2\\x82"},
        Case{"a\xf0\x9f\x98", "a\\xf0\\x9f\\x98"},
        Case{"\xc3(", "\\xc3("},
        Case{"a\xe2\x80\xae"
             "b",
             "a\\xe2\\x80\\xaeb"}, // right-to-left override
        Case{"a\xe2\x80\x8b"
             "b",
             "a\\xe2\\x80\\x8bb"}, // zero-width space
        Case{"a\xe2\x80\xa8"
             "b",
             "a\\xe2\\x80\\xa8b"}, // line separator
        Case{"\xef\xbb\xbf"
             "a",
             "\\xef\\xbb\\xbfa"}, // byte order mark
        Case{"\xe2(\xa1", "\\xe2(\\xa1"},
        Case{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},                 // U+10FFFF, the last
        Case{"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"}, // beside the surrogates
    };
    for (const Case& c : cases) {
        CAPTURE(c.shown);
        CHECK(printable(c.text) == c.shown);
    }
}

TEST_CASE("printable gives back no control byte, whatever goes in") {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text = {static_cast<char>(first), static_cast<char>(second)};
            const std::string shown = printable(text);
            const bool clean = std::all_of(shown.begin(), shown.end(), [](char c) {
                const auto byte = static_cast<unsigned char>(c);
                return byte >= 0x20 && byte != 0x7f;
            });
            CAPTURE(first);
            CAPTURE(second);
            REQUIRE(clean);
            // It is valid UTF-8: printed again, nothing but its backslashes changes.
            REQUIRE(printable(shown).find("\\x") == shown.find('\\'));
        }
    }
}

TEST_CASE("printable cuts what is too long between characters") {
    CHECK(printable("abcdef", 6) == "abcdef");
    CHECK(printable("abcdefg", 6) == "abcdef...");
    CHECK(printable("abcd\xc3\xa9x", 5) == "abcd...");
    CHECK(printable("abcd\xc3\xa9x", 6) == "abcd\xc3\xa9...");
    CHECK(printable("abc\nx", 6) == "abc...");
    CHECK(printable("abc\nx", 7) == "abc\\x0a...");
    CHECK(printable("a", 0) == "...");
    CHECK(printable("", 0).empty());
    CHECK(printable(std::string(300, 'a')) == std::string(256, 'a') + "...");
    CHECK(printable(std::string(1000, '\n'), 10).size() <= 13);
}

TEST_CASE("udev's encoding is undone, and nothing else") {
    struct Case {
        std::string_view text;
        std::string decoded;
    };
    const std::array cases = {
        Case{"", ""},
        Case{"USB\\x20Receiver", "USB Receiver"},
        Case{"a\\x0ab", "a\nb"},
        Case{"a\\x00b", "a\0b"s},
        Case{"\\x5cx41", "\\x41"},
        Case{"\\xff", "\xff"},
        Case{"\\xFF", "\xff"},
        Case{"\\x", "\\x"},
        Case{"\\x4", "\\x4"},
        Case{"\\xzz", "\\xzz"},
        Case{"\\x-1", "\\x-1"},
        Case{"\\x 1", "\\x 1"},
        Case{"\\n", "\\n"},
        Case{"\\\\x41", "\\A"},
        Case{"100%", "100%"},
        Case{"\\", "\\"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(decode_udev(c.text) == c.decoded);
    }
}

TEST_CASE("trim takes white space from both ends only") {
    CHECK(trim("  a b\t\r\n") == "a b");
    CHECK(trim("a") == "a");
    CHECK(trim(" \n\t ").empty());
    CHECK(trim("").empty());
    CHECK(trim("\v a") == "\v a");
}

TEST_CASE("a time span is written as systemd writes it") {
    struct Case {
        std::string_view text;
        std::optional<int> milliseconds;
    };
    const std::array cases = {
        Case{"10s", 10000},
        Case{"10", 10000},
        Case{"0", 0},
        Case{"500ms", 500},
        Case{"1min 30s", 90000},
        Case{"1min30s", 90000},
        Case{" 2 minutes  5 sec ", 125000},
        Case{"1h 1m 1s 1ms", 3661001},
        Case{"24h", 86400000},
        Case{"24h 1ms", std::nullopt},
        Case{"25h", std::nullopt},
        Case{"86400001ms", std::nullopt},
        Case{"99999999999999999999s", std::nullopt},
        Case{"", std::nullopt},
        Case{"  ", std::nullopt},
        Case{"s", std::nullopt},
        Case{"-1s", std::nullopt},
        Case{"1.5s", std::nullopt},
        Case{"10S", std::nullopt},
        Case{"10 parsecs", std::nullopt},
        Case{"10s,", std::nullopt},
        Case{"10s\0"sv, std::nullopt},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        const auto span = parse_time_span(c.text);
        CHECK(span.has_value() == c.milliseconds.has_value());
        CHECK(span.value_or(0ms).count() == c.milliseconds.value_or(0));
    }
    CHECK(time_span_text(0ms) == "0s");
    CHECK(time_span_text(10s) == "10s");
    CHECK(time_span_text(90500ms) == "1min 30s 500ms");
    CHECK(time_span_text(25h) == "25h");
}

TEST_CASE("split leaves empty parts out") {
    using Parts = std::vector<std::string_view>;
    CHECK(split("", ':') == Parts{});
    CHECK(split(":::", ':') == Parts{});
    CHECK(split(":030102:080650:", ':') == Parts{"030102", "080650"});
    CHECK(split("a", ':') == Parts{"a"});
    CHECK(split("a::b", ':') == Parts{"a", "b"});
    CHECK(split("a b", ':') == Parts{"a b"});
}

TEST_CASE("join puts the separator between, not around") {
    CHECK(join({}).empty());
    CHECK(join({"a"}) == "a");
    CHECK(join({"a", "b", "c"}) == "a, b, c");
    CHECK(join({"a", "b"}, " ") == "a b");
}

TEST_CASE("a glob is about the whole text and ignores case") {
    struct Case {
        std::string pattern;
        std::string text;
        bool matches;
    };
    const std::array cases = {
        Case{"*", "anything at all", true},
        Case{"*", "", true},
        Case{"mouse", "Mouse", true},
        Case{"MOUSE", "mouse", true},
        Case{"mouse", "USB Mouse", false},
        Case{"*mouse*", "USB Mouse 2", true},
        Case{"USB ?ouse", "usb mouse", true},
        Case{"USB ?ouse", "usb mmouse", false},
        Case{"[m-n]ouse", "Mouse", true},
        Case{"[!m]ouse", "mouse", false},
        Case{"a/*", "a/b/c", true},
        Case{"*", ".hidden", true},
        Case{"a\\*", "a*", true},
        Case{"a\\*", "ab", false},
        Case{"a*b", "a\nb", true},
        Case{"", "", true},
        Case{"", "a", false},
        // A NUL is no end, and is no other character.
        Case{"a", "a\0b"s, false},
        Case{"", "\0"s, false},
        Case{"a*b", "a\0b"s, true},
        Case{"a?b", "a\0b"s, true},
        Case{"ab", "a\0b"s, false},
        Case{"a\x01\x02\x03", "a\0\x02\x03"s, false},
        // A byte outside of ASCII that is no UTF-8 is one all the same.
        Case{"a*b",
             "a\xff\xfe"
             "b",
             true},
    };
    for (const Case& c : cases) {
        CAPTURE(c.pattern);
        CAPTURE(c.text);
        CHECK(glob_matches(c.pattern, c.text) == c.matches);
    }
}

TEST_CASE("the nearest word is suggested only when it is near") {
    constexpr std::array<std::string_view, 6> words = {"port", "product", "serial",
                                                       "id",   "bus",     "interface"};
    CHECK(nearest("prot", words) == "port");
    CHECK(nearest("serail", words) == "serial");
    CHECK(nearest("interfaces", words) == "interface");
    CHECK(nearest("idd", words) == "id");
    CHECK(nearest("produkt", words) == "product");
    CHECK(nearest("ID", words) == "id");
    CHECK(nearest("SERAIL", words) == "serial");
    CHECK(nearest("xyzzy", words) == std::nullopt);
    CHECK(nearest("", words) == std::nullopt);
    CHECK(nearest("port", {}) == std::nullopt);
    CHECK(nearest(std::string(5000, 'a'), words) == std::nullopt);
}
