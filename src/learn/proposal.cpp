// SPDX-License-Identifier: LGPL-2.1-or-later

#include "learn/proposal.h"

#include "base/text.h"
#include "learn/escapes.h"

#include <algorithm>
#include <array>

namespace usb_hotplug {

namespace {

/// Characters that must be left of a serial number without its leading zeros.
constexpr std::size_t serial_min = 5;
constexpr std::size_t description_length = 60;

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/// The letters and digits, in lower case.
std::string essence(std::string_view serial) {
    std::string out = lower(serial);
    out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return !is_alphanumeric(c); }),
              out.end());
    return out;
}

/// "123456789", "0123456789abcdef", "abcdef", "987654321".
bool is_row(const std::string& text) {
    constexpr std::string_view up = "01234567890abcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view hexadecimal = "0123456789abcdef0123456789abcdef";
    const std::string down(text.rbegin(), text.rend());
    const auto in = [](std::string_view row, const std::string& part) {
        return row.find(part) != std::string_view::npos;
    };
    return in(up, text) || in(hexadecimal, text) || in(up, down) || in(hexadecimal, down);
}

bool is_placeholder(const std::string& text) {
    constexpr std::array<std::string_view, 9> words = {"serial",  "string",    "default",
                                                       "unknown", "undefined", "tobefilled",
                                                       "invalid", "example",   "notavailable"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// Another plugged device of the same id, and of the same serial number where that counts.
const Device* twin_of(const Device& device, const std::vector<Device>& plugged, bool count_serial) {
    const auto found = std::find_if(plugged.begin(), plugged.end(), [&](const Device& other) {
        return other.syspath != device.syspath && other.id.vendor == device.id.vendor &&
               other.id.product == device.id.product &&
               (!count_serial || lower(other.serial) == lower(device.serial));
    });
    return found == plugged.end() ? nullptr : &*found;
}

/// As serial_doubt(), also for one that is missing or a twin's.
std::optional<std::string> serial_fault(const Device& device, const Device* same) {
    if (device.serial.empty()) {
        return "it has no serial number";
    }
    if (same != nullptr) {
        return "the device at port " + printable(same->port) + " has the same serial number";
    }
    return serial_doubt(device.serial);
}

/// How a rule is made, and why.
struct Plan {
    RuleBy by = RuleBy::Id;
    bool with_port = false; ///< beside the id
    std::string why;
};

Plan plan_of(const Device& device, const std::vector<Device>& plugged) {
    const auto fault = serial_fault(device, twin_of(device, plugged, true));
    if (!fault) {
        return {RuleBy::Serial, false, "By id and serial number: this device, at any port."};
    }
    if (const Device* twin = twin_of(device, plugged, false)) {
        return {RuleBy::Id, true,
                "By id and port, as " + *fault + "\n# and the device at port " +
                    printable(twin->port) + " has the same id. It must be plugged in here."};
    }
    return {RuleBy::Id, false,
            "By id, as " + *fault + ".\n# Any other device with this id fits, too."};
}

Plan plan_by(RuleBy by, const Device& device, const std::vector<Device>& plugged) {
    const Device* twin = twin_of(device, plugged, false);
    const auto fault = serial_fault(device, twin_of(device, plugged, true));
    switch (by) {
    case RuleBy::Port:
        return {by, false, "By port: whatever is plugged in here."};
    case RuleBy::Id:
        return {by, false,
                twin == nullptr ? "By id: any device with this id."
                                : "By id: any device with this id; that at port " +
                                      printable(twin->port) + " has it, too."};
    case RuleBy::Serial:
        return {by, false,
                fault ? "By id and serial number, but note that\n# " + *fault + "."
                      : "By id and serial number: this device, at any port."};
    }
    return {};
}

/// The device's names, short enough for one line, or empty.
std::string described(const Device& device) {
    std::string raw = device.vendor + " " + device.product;
    std::erase(raw, '\0'); // which no configuration may have
    std::string name = to_utf8(trim(raw));
    if (name.size() <= description_length) {
        return name;
    }
    // Not in the middle of a character: its other bytes are 10xxxxxx.
    std::size_t end = description_length;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return name.substr(0, end) + "...";
}

} // namespace

std::optional<RuleBy> rule_by(std::string_view word) {
    if (word == "port") {
        return RuleBy::Port;
    }
    if (word == "id") {
        return RuleBy::Id;
    }
    return word == "serial" ? std::optional(RuleBy::Serial) : std::nullopt;
}

std::optional<std::string> serial_doubt(std::string_view serial) {
    if (!is_plain_text(serial)) {
        return "its serial number is not plain text";
    }
    const std::string text = essence(serial);
    if (text.empty() || text.find_first_not_of(text[0]) == std::string::npos) {
        return "its serial number is one character over and over";
    }
    if (text.size() - std::min(text.find_first_not_of('0'), text.size()) < serial_min) {
        return "its serial number is too short to be its own";
    }
    if (is_row(text)) {
        return "its serial number just counts";
    }
    if (is_placeholder(text)) {
        return "its serial number is a placeholder";
    }
    return std::nullopt;
}

Result<std::string> propose_rule(const Device& device, const std::vector<Device>& plugged,
                                 std::optional<RuleBy> by) {
    const std::string where = "the device at port " + printable(device.port);
    if (device.is_hub()) {
        return fail(where + " is a hub, and hubs stay with the host; a rule with port = \"" +
                    printable(device.port) + ".*\" is about what is behind it");
    }
    if (by == RuleBy::Serial && device.serial.empty()) {
        return fail(where + " has no serial number; use --by id or --by port");
    }
    const Plan plan = by ? plan_by(*by, device, plugged) : plan_of(device, plugged);
    std::string text = "# " + plan.why + "\n[[usb]]\n";
    if (const std::string name = described(device); !name.empty()) {
        text += "description = " + toml_string(name) + "\n";
    }
    if (plan.by != RuleBy::Port) {
        text += "id = " + toml_string(device.id_text()) + "\n";
    }
    if (plan.by == RuleBy::Serial) {
        text += "serial = " + toml_string(glob_literal(device.serial)) + "\n";
    }
    if (plan.by == RuleBy::Port || plan.with_port) {
        text += "port = " + toml_string(device.port) + "\n";
    }
    return text;
}

} // namespace usb_hotplug
