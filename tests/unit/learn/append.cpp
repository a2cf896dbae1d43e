// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of learn/append: what is there stays byte for byte, and what is added is in order.

#include "learn/append.h"

#include "model/devices_support.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

constexpr std::string_view rule = "# Why.\n[[usb]]\nid = \"046d:c52b\"\n";

Addition added_to(const std::string& content, std::string_view with = rule) {
    return add_rule("win10", "win10.toml", content, with, device_with());
}

} // namespace

TEST_CASE("a rule is appended, and what is there stays byte for byte") {
    struct Case {
        std::string before;
        std::string between;
        std::uint32_t line;
    };
    const Case cases[] = {
        {"", "", 2},
        {"[guest]\ndomain = \"Windows 10\" # the old one\n", "\n", 5},
        {"[guest]\npriority   =   1", "\n\n", 5},
        {"# only a comment\r\n\r\n[[usb]]\r\nid='1234:*'  \r\n", "\n", 7},
        {"\xef\xbb\xbf# with a mark\n[[usb]]\nid = \"1234:*\"\n\n\n", "\n", 8},
        {"[[usb]]\nid = \"046d:c52b\"\nenabled = false\n", "\n", 6},
        {"[[usb]]\nid = \"1234:*\"\n[[except]]\nid = \"1234:5678\"\n", "\n", 7},
    };
    for (const Case& c : cases) {
        CAPTURE(c.before);
        const Addition addition = added_to(c.before);
        REQUIRE(addition.kind == Addition::Added);
        CHECK(addition.content == c.before + c.between + std::string(rule));
        CHECK(addition.line == c.line);
    }
}

TEST_CASE("a broken file is left alone, and each mistake is said") {
    const Addition addition = added_to("[[usb]]\nid = 1\nprot = \"1-4\"\n");
    CHECK(addition.kind == Addition::Broken);
    CHECK(addition.content.empty());
    CHECK(addition.problem.starts_with("win10.toml:2:6: "));
    CHECK(addition.problem.find("\nwin10.toml:3:") != std::string::npos);
    CHECK(added_to("rubbish").kind == Addition::Broken);
}

TEST_CASE("a device that is wanted already is said with its rule") {
    const Addition addition = added_to(
        "[[usb]]\nid = \"1234:*\"\n[[usb]]\ndescription = \"Receiver\"\nport = \"1-4.*\"\n");
    CHECK(addition.kind == Addition::AlreadyWanted);
    CHECK(addition.by.description == "Receiver");
    CHECK(addition.by.line == 3);
    CHECK(addition.guest.name == "win10");
    CHECK(added_to("[[usb]]\nall = true\n").kind == Addition::AlreadyWanted);
}

TEST_CASE("an exception would keep the device away all the same") {
    for (const char* before :
         {"[[except]]\nid = \"046d:*\"\n", "[[usb]]\nall = true\n[[except]]\nid = \"046d:*\"\n"}) {
        const Addition addition = added_to(before);
        CHECK(addition.kind == Addition::Excepted);
        CHECK(addition.by.conditions.at(0).key == "id");
    }
}

TEST_CASE("where nothing can be appended, or the rule is no good, nothing is") {
    const Addition inline_rules = added_to("usb = [{ id = \"1234:*\" }]\n");
    CHECK(inline_rules.kind == Addition::NotPossible);
    CHECK_FALSE(inline_rules.problem.empty());
    CHECK(added_to("", "[[usb]]\nid = \"1234:*\"\n").kind == Addition::NotPossible);
    CHECK(added_to("", "").kind == Addition::NotPossible);
    CHECK(added_to("", "[[usb]]\nall = true\n[[usb]]\nall = true\n").kind == Addition::NotPossible);
    CHECK(added_to("", "[[usb]]\nid = 1\n").kind == Addition::NotPossible);
    CHECK(added_to("", "[[except]]\nid = \"1234:*\"\n").kind == Addition::NotPossible);
}
