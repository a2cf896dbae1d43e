// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/finding.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug {

namespace {

std::string code_of(const ConfigError& error) {
    switch (error.mistake) {
    case Mistake::File:
        return "config-file";
    case Mistake::Syntax:
        return "config-syntax";
    case Mistake::Key:
        return "config-key";
    case Mistake::Type:
        return "config-type";
    case Mistake::Value:
        return "config-value";
    case Mistake::NoRegex:
        return "regex-missing";
    }
    return "config-value";
}

} // namespace

std::string_view severity_text(Severity severity) {
    switch (severity) {
    case Severity::Note:
        return "note";
    case Severity::Warning:
        return "warning";
    case Severity::Error:
        return "error";
    }
    return "error";
}

Finding guest_finding(Severity severity, std::string code, const Guest& guest) {
    Finding finding;
    finding.severity = severity;
    finding.code = std::move(code);
    finding.guest = guest.name;
    finding.file = guest.file;
    return finding;
}

Finding rule_finding(Severity severity, std::string code, const Guest& guest, const Rule& rule) {
    Finding finding = guest_finding(severity, std::move(code), guest);
    finding.line = rule.line;
    finding.column = rule.column;
    return finding;
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const Finding& finding) { return finding.severity == severity; }));
}

std::vector<Finding> config_findings(const Configuration& configuration) {
    std::vector<Finding> findings;
    for (const ConfigError& error : configuration.errors) {
        Finding finding;
        finding.severity = Severity::Error;
        finding.code = code_of(error);
        finding.what = error.message;
        finding.guest = error.guest;
        finding.file = error.file;
        finding.line = error.line;
        finding.column = error.column;
        findings.push_back(std::move(finding));
    }
    for (const Guest& guest : configuration.guests) {
        const auto broken =
            std::find_if(configuration.errors.begin(), configuration.errors.end(),
                         [&](const ConfigError& error) { return error.guest == guest.name; });
        if (broken != configuration.errors.end()) {
            Finding& finding =
                findings.emplace_back(guest_finding(Severity::Note, "config-kept", guest));
            finding.file = broken->file;
            finding.what = "the rules before these mistakes are in force";
            finding.advice = "they are in " + printable(guest.file, 1024);
        }
    }
    return findings;
}

} // namespace usb_hotplug
