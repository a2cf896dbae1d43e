// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the verbs print with --json; usb-hotplugctl(1), "JSON", is the promise. Texts of devices are
// made printable, as everywhere else.

#pragma once

#include "base/result.h"
#include "model/device.h"
#include "service/situation.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace usb_hotplug::ctl {

/// With the keys in the order in which they were set.
using Json = nlohmann::ordered_json;

inline Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

/// An object with nothing but the version of the description.
inline Json new_json() {
    return Json{{"version", 1}};
}

/// Who a device is: what print_device shows in short.
Json identity_json(const Device& device);

/// The same and where it is: what list shows.
Json device_json(const Device& device, const Result<Situation>& situation);

/// What the rules see beside that.
Json explained_json(const Device& device);

/// What a guest says to a device, and how each of its rules fared. `availability` is nothing where
/// it was not asked.
Json verdict_json(const Verdict& verdict, const Device& device,
                  const std::optional<Availability>& availability);

/// The mistakes in the configuration.
Json errors_json(const Configuration& configuration);

/// Prints it as a document, valid UTF-8 whatever is in it.
void print_json(const Json& json);

/// Prints it on one line and writes that out, for programs that read one as it comes.
void print_json_line(const Json& json);

} // namespace usb_hotplug::ctl
