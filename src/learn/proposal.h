// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A rule for a device: the tightest that still fits it when it is plugged in again. Pure.

#pragma once

#include "base/result.h"
#include "model/device.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

/// What a rule tells a device by.
enum class RuleBy {
    Port,   ///< where it is plugged in
    Id,     ///< vendor and product number
    Serial, ///< these, and the serial number
};

/// "port", "id" or "serial"; nothing for any other word.
std::optional<RuleBy> rule_by(std::string_view word);

/// Why a serial number is probably not this one device's own, as a clause: "its serial number is
/// one character over and over". Nothing when it looks good. Many makers program the same into all.
std::optional<std::string> serial_doubt(std::string_view serial);

/// The text of a [[usb]] rule that fits `device`, with a comment that says why it is made as it is;
/// whole lines. Without `by`: by serial number if that is good and no other of the `plugged`
/// devices has it; else by id if no other has that; else by id and port. An error for a hub, and
/// for a serial number that is asked for and not there. `device` may be among `plugged`.
Result<std::string> propose_rule(const Device& device, const std::vector<Device>& plugged,
                                 std::optional<RuleBy> by = std::nullopt);

} // namespace usb_hotplug
