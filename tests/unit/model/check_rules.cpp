// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/check_rules and model/finding: what is said of rules that come too late, where,
// and of which rules nothing is said.

#include "model/check_rules.h"

#include "model/config_support.h"
#include "model/rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

/// "code file:line" of each, separated by "; ".
std::string places(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += (text.empty() ? "" : "; ") + finding.code + " " + finding.file + ":" +
                std::to_string(finding.line);
    }
    return text;
}

struct Case {
    std::string_view what;
    std::string_view content;
    std::string_view found;
};

void check_file(std::initializer_list<Case> table) {
    for (const Case& each : table) {
        CAPTURE(each.what);
        CHECK(places(check_rules({guest("a", each.content)})) == each.found);
    }
}

constexpr std::string_view mouse = "[[usb]]\nid = \"046d:c077\"\n";

} // namespace

TEST_CASE("within a file, a rule that adds nothing or can never hold is found") {
    check_file({
        {"apart", "[[usb]]\nbus = 1\n[[usb]]\nbus = 2\n[[except]]\nbus = 3\n", ""},
        {"the same again", "[[usb]]\nbus = 1\n\n[[usb]]\nbus = 1\n", "rule-duplicate a.toml:4"},
        {"an earlier one is wider", "[[usb]]\nid = \"046d:*\"\n[[usb]]\nid = \"046d:c077\"\n",
         "rule-duplicate a.toml:3"},
        {"a later one is wider", "[[usb]]\nid = \"046d:c077\"\n[[usb]]\nid = \"046d:*\"\n", ""},
        {"an exception is the same", "[[except]]\nbus = 1\n[[usb]]\nbus = 1\n",
         "rule-excepted a.toml:3"},
        {"an exception is wider, and later",
         "[[usb]]\nbus = 1\nserial = \"x\"\n[[except]]\nbus = 1\n", "rule-excepted a.toml:1"},
        {"an exception is narrower", "[[usb]]\nbus = 1\n[[except]]\nbus = 1\nserial = \"x\"\n", ""},
        {"all is excepted", "[[usb]]\nall = true\n[[except]]\nall = true\n",
         "rule-excepted a.toml:1"},
        {"excepted and the same again", "[[usb]]\nbus = 1\n[[usb]]\nbus = 1\n[[except]]\nbus = 1\n",
         "rule-excepted a.toml:1; rule-excepted a.toml:3"},
        {"two equal exceptions", "[[usb]]\nall = true\n[[except]]\nbus = 1\n[[except]]\nbus = 1\n",
         "rule-duplicate a.toml:5"},
        {"the earlier one is off", "[[usb]]\nenabled = false\nbus = 1\n[[usb]]\nbus = 1\n", ""},
        {"the later one is off", "[[usb]]\nbus = 1\n[[usb]]\nenabled = false\nbus = 1\n", ""},
        {"the exception is off", "[[usb]]\nbus = 1\n[[except]]\nenabled = false\nbus = 1\n", ""},
        {"no rule", "[[except]]\nbus = 1\n", "guest-no-rule a.toml:0"},
        {"every rule is off", "[[usb]]\nenabled = false\nbus = 1\n", "guest-no-rule a.toml:0"},
    });
}

TEST_CASE("a guest ahead in line shadows those behind it, and no other") {
    const std::string wants(mouse);
    const auto found = [](const std::string& a, const std::string& b) {
        return places(check_rules({guest("a", a), guest("b", b)}));
    };
    CHECK(found(wants, wants) == "rule-shadowed b.toml:1");
    CHECK(found(wants, "[guest]\npriority = 1\n" + wants) == "rule-shadowed a.toml:1");
    CHECK(found("[guest]\npriority = -1\n" + wants, wants) == "rule-shadowed a.toml:3");
    CHECK(found("[[usb]]\nall = true\n", wants) == "rule-shadowed b.toml:1");
    CHECK(found(wants, "[[usb]]\nall = true\n").empty());
    CHECK(found("[[usb]]\nid = \"046d:c078\"\n", wants).empty());
    CHECK(found("[[usb]]\nenabled = false\nall = true\n[[usb]]\nbus = 9\n", wants).empty());
    // One finding for a rule is enough.
    CHECK(found(wants, wants + wants) == "rule-shadowed b.toml:1; rule-duplicate b.toml:3");
}

TEST_CASE("a guest ahead in line that takes something out shadows only what has that out, too") {
    const std::string all = "[[usb]]\nall = true\n";
    const std::string but = "[[except]]\nid = \"046d:c077\"\n";
    const std::string wants(mouse);
    const auto found = [](const std::string& a, const std::string& b) {
        return places(check_rules({guest("a", a), guest("b", b)}));
    };
    CHECK(found(all + but, wants).empty());
    CHECK(found(all + but, all).empty());
    CHECK(found(all + but, all + but) == "rule-shadowed b.toml:1");
    CHECK(found(all + but, all + "[[except]]\nid = \"046d:*\"\n") == "rule-shadowed b.toml:1");
    CHECK(found(all + but + "[[except]]\nbus = 7\n", all + but).empty());
    CHECK(found(all + "[[except]]\nenabled = false\nbus = 7\n", all) == "rule-shadowed b.toml:1");
    CHECK(found(all + but, all + "[[except]]\nenabled = false\nid = \"046d:c077\"\n").empty());
}

TEST_CASE("what is said names both rules, where they are and what to do, harmless to print") {
    const auto findings = check_rules(
        {guest("a", "[[usb]]\nbus = 1\n"),
         guest("b", "[[usb]]\ndescription = \"M\\u001bouse\"\nbus = 1\n"
                    "[[usb]]\nbus = 2\n[[usb]]\nbus = 2\n"
                    "  [[usb]]\nbus = 3\n[[except]]\ndescription = \"Mine\"\nbus = 3\n")});
    REQUIRE(findings.size() == 3);
    CHECK(findings[0].what == "guest a gets all that [[usb]] rule \"M\\x1bouse\" asks for first "
                              "whenever it runs, by line 1 of a.toml");
    CHECK(findings[0].guest == "b");
    CHECK(findings[0].file == "b.toml");
    CHECK(findings[0].severity == Severity::Warning);
    CHECK(findings[1].what ==
          "[[usb]] rule adds nothing: [[usb]] rule in line 4 asks for all of it");
    CHECK(findings[2].what == "[[usb]] rule can never hold: [[except]] rule \"Mine\" in line 10 "
                              "takes out all that it asks for");
    CHECK(findings[2].line == 8);
    CHECK(findings[2].column == 3);
    for (const Finding& finding : findings) {
        CHECK_FALSE(finding.advice.empty());
    }
}

TEST_CASE("too many rules to compare are noted, not waited for") {
    std::string content;
    for (int i = 0; i < 5000; ++i) {
        content += "[[usb]]\nserial = \"" + std::to_string(i) + "\"\n";
    }
    const auto findings = check_rules({guest("a", content)});
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == "rules-many");
    CHECK(findings[0].severity == Severity::Note);
}

TEST_CASE("each kind of mistake in a file has a code, and keeps its place") {
    const auto codes = [](std::string_view content) {
        std::string text;
        for (const Finding& finding : config_findings(parsed(content))) {
            CHECK(finding.severity == Severity::Error);
            CHECK(finding.guest == "win10");
            text += (text.empty() ? "" : " ") + finding.code + "@" + std::to_string(finding.line) +
                    ":" + std::to_string(finding.column);
        }
        return text;
    };
    CHECK(codes("[[usb]]\nbus = \n") == "config-syntax@2:7");
    CHECK(codes("[[usb]]\nbus = 1\nbuss = 1\n") == "config-key@3:1");
    CHECK(codes("[[usb]]\n bus = \"1\"\n") == "config-type@2:8");
    CHECK(codes("[usb]\nbus = 1\n") == "config-type@1:1");
    CHECK(codes("[[usb]]\nbus = 0\n") == "config-value@2:7");
    CHECK(codes("[[usb]]\n") == "config-value@1:1");
    CHECK(codes("[[usb]]\nserial = { regex = '(' }\n") == "config-value@2:20");
    CHECK(codes("[[usb]]\nid = 3\nserail = \"\"\n") == "config-type@2:6 config-key@3:1");
    Configuration configuration;
    configuration.errors.push_back({"a", "a.toml", 0, 0, "cannot be read"});
    CHECK(config_findings(configuration).at(0).code == "config-file");
    configuration.errors[0].mistake = Mistake::NoRegex;
    CHECK(config_findings(configuration).at(0).code == "regex-missing");
}
