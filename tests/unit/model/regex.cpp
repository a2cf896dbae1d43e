// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Texts: regular expressions and globs, and what hostile devices call themselves.

#include "model/regex.h"
#include "base/text.h"
#include "model/rule_support.h"

#include <chrono>
#include <clocale>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

bool fits(const std::string& pattern, std::string_view text) {
    const auto regex = compile_regex(pattern);
    REQUIRE_MESSAGE(regex, regex.error().message);
    return regex->matches(text);
}

Device called(std::string_view product) {
    Device device = device_with();
    device.product = product;
    return device;
}

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

} // namespace

TEST_CASE("an expression fits the whole text and ignores case") {
    CHECK(fits(".*ethernet.*", "USB 2.0 Ethernet Adapter"));
    CHECK_FALSE(fits("ethernet", "USB 2.0 Ethernet Adapter"));
    CHECK(fits("usb( 2\\.0)? ethernet adapter", "USB 2.0 Ethernet Adapter"));
    CHECK(fits("b\xc3\xbcro", "B\xc3\x9cRO"));
    CHECK(fits("(?-i)USB", "USB"));
    CHECK_FALSE(fits("(?-i)USB", "usb"));
    CHECK(fits("a|bc", "bc"));
    CHECK_FALSE(fits("a|b", "bc"));
    CHECK(fits("", ""));
    CHECK_FALSE(fits("", "x"));
}

TEST_CASE("every text key takes an expression") {
    check_rules(full_device(),
                {
                    {"vendor = { regex = \"logi.*\" }", true},
                    {"product = { regex = \"(usb|ps/2) receiver\" }", true},
                    {"serial = { regex = \"[0-9a-f]{6}\" }", true},
                    {"serial = { regex = \"[0-9a-f]{5}\" }", false},
                    {"property = { ID_PATH = { regex = \".*-usb-0:4(\\\\.2)?\" } }", true},
                    {"property.ID_PATH.regex = \"pci.*\"", true},
                    {"attribute = { speed = { regex = \"12|480\" } }", true},
                    {"driver = { regex = \"uas|usb-storage\" }", true},
                    {"tag = { regex = \"d.sk\" }", true},
                    {"vendor = [\"acme\", { regex = \"logi.*\" }]", true},
                });
}

TEST_CASE("what a device does not have fits no expression") {
    check_rules(called(""), {{"product = { regex = \".*\" }", false}});
    check_rules(called(""), {{"attribute = { none = { regex = \".*\" } }", false}});
}

TEST_CASE("hostile texts are texts") {
    for (const std::string_view text : {
             std::string_view("evil\nethernet"),
             std::string_view("evil\r\n\tethernet\n"),
             std::string_view("evil\0ethernet", 13),
             std::string_view("\0ethernet\0", 10),
             std::string_view("\"ethernet'"),
             std::string_view("<![CDATA[ethernet]]>"),
             std::string_view("\x1b[31methernet\x1b[0m"),
             std::string_view("\xff\xfe ethernet \x80"),
             std::string_view("\xc3"
                              "ethernet\xe2\x82"),
             std::string_view("\xed\xa0\x80 ethernet"),     // half of a surrogate pair
             std::string_view("\xf0\x9f\x92\xa9 ethernet"), // beyond the 16-bit plane
             std::string_view("%s%n ethernet $(reboot)"),
             std::string_view("ethernet\\x00\\"),
         }) {
        const Device device = called(text);
        CAPTURE(printable(text));
        check_rules(device, {
                                {"product = \"*ethernet*\"", true},
                                {"product = { regex = \".*ethernet.*\" }", true},
                                {"product = { regex = \"(?s).*ETHERNET.*\" }", true},
                                {"product = \"ethernet\"", false},
                                {"product = \"evil\"", false},
                                {"product = { regex = \"ethernet\" }", false},
                                {"product = { regex = \"evil\" }", false},
                                {"product = \"*\"", true},
                                {"product = { regex = \".*\" }", true},
                            });
    }
}

TEST_CASE("a byte that is not UTF-8 counts as one Latin-1 character") {
    CHECK(fits("B.ro", "B\xfcro"));
    CHECK(fits("B\xc3\xbcro", "B\xfcro"));
    CHECK(fits("B.ro", "B\xc3\xbcro"));
    CHECK(fits("\\x{ff}", "\xff"));
    CHECK(fits("..", "\xed\xa0"));
    CHECK(to_utf8("a\xff\xc3\xa9") == "a\xc3\xbf\xc3\xa9");
    CHECK(to_utf8("\xc2\x80") == "\xc2\x80");
    CHECK(to_utf8(std::string_view("\0", 1)) == std::string_view("\0", 1));
    CHECK(to_utf8("\xf4\x90\x80\x80") == "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80");
}

TEST_CASE("the longest name a device can have") {
    // A string descriptor has at most 126 UTF-16 units (USB 2.0, section 9.6.7).
    const Device device = called(repeated("\xef\xbf\xbd", 125) + "x");
    check_rules(device, {
                            {"product = { regex = \".{126}\" }", true},
                            {"product = { regex = \".{125}\" }", false},
                            {"product = { regex = \".*x\" }", true},
                            {"product = \"*x\"", true},
                        });
}

TEST_CASE("time is linear whatever the pattern") {
    const std::string text = repeated("a", 100000) + "!";
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(fits("(a+)+b", text));
    CHECK_FALSE(fits("(a|aa)*c", text));
    CHECK_FALSE(fits("(.*)(.*)(.*)(.*)(.*)x", text));
    CHECK(fits("(a|b)*.", text));
    CHECK(fits(".*a.{12}", text));
    CHECK_FALSE(glob_matches("*a*a*a*a*a*b", repeated("a", 1000)));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("globs are the same in every locale") {
    for (const char* locale : {"C", "C.UTF-8"}) {
        CAPTURE(locale);
        REQUIRE(std::setlocale(LC_CTYPE, locale) != nullptr);
        CHECK(glob_matches("a*z", "a\xff\xfez"));
        CHECK(glob_matches("B\xc3\xbcro*", "b\xc3\xbcro 1"));
        CHECK(glob_matches("[[:digit:]]?", "1x"));
        CHECK(glob_matches("[]x]", "]"));
        CHECK(glob_matches("\\*", "*"));
    }
    std::setlocale(LC_CTYPE, "C");
}

TEST_CASE("globs that can never have been meant so") {
    for (const char* glob : {"*", "a[bc]", "[!a]", "[]]", "[]a]", "[^]]", "\\[", "\\\\",
                             "[[:alpha:]]", "[[]", "]", "a-b", "[\\]]", "[[.-.]x]"}) {
        CAPTURE(glob);
        CHECK_FALSE(glob_mistake(glob).has_value());
    }
    for (const char* glob :
         {"[", "a[bc", "[]", "[!]", "\\", "a\\", "\\\\\\", "\\\\[", "[[:alpha:]", "[\\]"}) {
        CAPTURE(glob);
        CHECK(glob_mistake(glob).has_value());
    }
}

TEST_CASE("an expression is compiled once, and each has its own meaning") {
    for (int round = 0; round < 3; ++round) {
        CHECK(fits("one", "one"));
        CHECK(fits("two", "two"));
        CHECK_FALSE(fits("two", "one"));
    }
}
