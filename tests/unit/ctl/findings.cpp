// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of ctl/findings: the lines and the JSON of findings, to the letter, and the exit status.

#include "ctl/findings.h"

#include "ctl/ctl.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace usb_hotplug;
using namespace usb_hotplug::ctl;

namespace {

Finding finding(Severity severity, const std::string& file = "", std::uint32_t line = 0) {
    Finding made;
    made.severity = severity;
    made.code = "some-code";
    made.what = "what";
    made.advice = "do this";
    made.file = file;
    made.line = line;
    made.column = line;
    return made;
}

} // namespace

TEST_CASE("a finding is one line with its place, severity, advice and code") {
    std::vector<Finding> findings = {finding(Severity::Error, "a.toml", 3),
                                     finding(Severity::Error, "rule"),
                                     finding(Severity::Error),
                                     finding(Severity::Warning, "a.toml", 7),
                                     finding(Severity::Note, "b.toml"),
                                     finding(Severity::Warning, "a\n\xff", 1)};
    findings[0].advice = "";
    CHECK(findings_text(findings, 1) == "a.toml:3:3: what [some-code]\n"
                                        "rule: error: what; do this [some-code]\n"
                                        "error: what; do this [some-code]\n"
                                        "a.toml:7:7: warning: what; do this [some-code]\n"
                                        "b.toml: note: what; do this [some-code]\n"
                                        "a\\x0a\\xff:1:1: warning: what; do this [some-code]\n"
                                        "1 guest in order, 3 errors, 2 warnings\n");
    CHECK(findings_text({}, 0) == "0 guests in order, 0 errors, 0 warnings\n");
}

TEST_CASE("the JSON has every key, in order, and null for what there is not") {
    Finding full = finding(Severity::Warning, "/etc/usb-hotplug/a.toml", 7);
    full.guest = "a";
    full.device = "1-4";
    Finding bare = finding(Severity::Error);
    bare.advice = "";
    CHECK(findings_json({full, bare}, 2) == R"({
  "version": 1,
  "guests": 2,
  "errors": 1,
  "warnings": 1,
  "findings": [
    {
      "severity": "warning",
      "code": "some-code",
      "guest": "a",
      "device": "1-4",
      "file": "/etc/usb-hotplug/a.toml",
      "line": 7,
      "column": 7,
      "what": "what",
      "advice": "do this"
    },
    {
      "severity": "error",
      "code": "some-code",
      "guest": null,
      "device": null,
      "file": null,
      "line": null,
      "column": null,
      "what": "what",
      "advice": null
    }
  ]
}
)");
    CHECK(
        nlohmann::json::parse(findings_json({}, 0)) ==
        nlohmann::json::parse(R"({"version":1,"guests":0,"errors":0,"warnings":0,"findings":[]})"));
}

TEST_CASE("the JSON is valid whatever is in a finding") {
    Finding hostile = finding(Severity::Note, "a\"\\\n\x1b\xff.toml");
    hostile.guest = "\xc3\x28";
    const auto json = nlohmann::json::parse(findings_json({hostile}, 1));
    CHECK(json["findings"][0]["file"] == "a\"\\\n\x1b\xef\xbf\xbd.toml");
    CHECK(json["findings"][0]["guest"] == "\xef\xbf\xbd(");
    CHECK(json["findings"][0]["severity"] == "note");
}

TEST_CASE("the exit status is that of the worst finding") {
    const Finding note = finding(Severity::Note);
    const Finding warning = finding(Severity::Warning);
    const Finding error = finding(Severity::Error);
    CHECK(exit_of({}) == 0);
    CHECK(exit_of({note}) == 0);
    CHECK(exit_of({note, warning, note}) == 1);
    CHECK(exit_of({warning, error, warning}) == 2);
}
