// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ctl/findings.h"

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"

namespace usb_hotplug::ctl {

namespace {

/// "file:line:column: warning: what; advice [code]". An error in a place in a file does without the
/// word, as everywhere else where mistakes in the configuration are shown.
std::string line_of(const Finding& finding) {
    std::string line = printable(finding.file, 1024);
    if (finding.line > 0) {
        line += ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column);
    }
    line += line.empty() ? "" : ": ";
    if (finding.severity != Severity::Error || finding.line == 0) {
        line += std::string(severity_text(finding.severity)) + ": ";
    }
    return line + finding.what + (finding.advice.empty() ? "" : "; " + finding.advice) + " [" +
           finding.code + "]\n";
}

Json number_or_null(std::uint32_t number) {
    return number == 0 ? Json(nullptr) : Json(number);
}

Json json_of(const Finding& finding) {
    Json json;
    json["severity"] = severity_text(finding.severity);
    json["code"] = finding.code;
    json["guest"] = text_or_null(finding.guest);
    json["device"] = text_or_null(finding.device);
    json["file"] = text_or_null(finding.file);
    json["line"] = number_or_null(finding.line);
    json["column"] = number_or_null(finding.column);
    json["what"] = finding.what;
    json["advice"] = text_or_null(finding.advice);
    return json;
}

} // namespace

std::string findings_text(const std::vector<Finding>& findings, std::size_t guests) {
    std::string text;
    for (const Finding& finding : findings) {
        text += line_of(finding);
    }
    return text + counted(guests, "guest") + " in order, " +
           counted(count(findings, Severity::Error), "error") + ", " +
           counted(count(findings, Severity::Warning), "warning") + "\n";
}

std::string findings_json(const std::vector<Finding>& findings, std::size_t guests) {
    Json json = new_json();
    json["guests"] = guests;
    json["errors"] = count(findings, Severity::Error);
    json["warnings"] = count(findings, Severity::Warning);
    json["findings"] = Json::array();
    for (const Finding& finding : findings) {
        json["findings"].push_back(json_of(finding));
    }
    // A file's name need not be UTF-8.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int exit_of(const std::vector<Finding>& findings) {
    return count(findings, Severity::Error) > 0     ? exit_usage
           : count(findings, Severity::Warning) > 0 ? exit_failure
                                                    : exit_success;
}

} // namespace usb_hotplug::ctl
