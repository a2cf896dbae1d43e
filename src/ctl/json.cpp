// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ctl/json.h"

#include "base/text.h"

#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

/// In less than this many bytes a name says who it is; the device may give far longer ones.
constexpr std::size_t name_max = 256;

/// A file's name need not be UTF-8.
std::string dumped(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

} // namespace

Json identity_json(const Device& device) {
    Json json;
    json["port"] = printable(device.port);
    json["node"] = device.node;
    json["id"] = device.id_text();
    json["vendor"] = text_or_null(printable(device.vendor, name_max));
    json["product"] = text_or_null(printable(device.product, name_max));
    json["serial"] = text_or_null(printable(device.serial, name_max));
    json["hub"] = device.is_hub();
    json["disk"] = nullptr;
    if (device.disk) {
        json["disk"] = {{"name", device.disk->name},
                        {"bytes", device.disk->bytes},
                        {"serial", text_or_null(printable(device.disk->serial, name_max))}};
    }
    return json;
}

Json device_json(const Device& device, const Result<Situation>& situation) {
    Json json = identity_json(device);
    json["guest"] = situation ? text_or_null(situation->guest) : Json(nullptr);
    json["state"] = situation ? place_text(situation->place) : "unknown";
    json["reason"] = text_or_null(situation ? situation->reason : situation.error().message);
    json["unit"] = situation ? Json(situation->unit) : Json(nullptr);
    return json;
}

Json errors_json(const Configuration& configuration) {
    Json errors = Json::array();
    for (const ConfigError& error : configuration.errors) {
        errors.push_back(error.text());
    }
    return errors;
}

void print_json(const Json& json) {
    std::printf("%s\n", dumped(json, 2).c_str());
}

void print_json_line(const Json& json) {
    std::printf("%s\n", dumped(json, -1).c_str());
    std::fflush(stdout);
}

} // namespace usb_hotplug::ctl
