// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/qmp_messages.h"

#include "base/text.h"

namespace usb_hotplug {

using nlohmann::json;

Result<std::optional<json>> QmpReader::next() {
    const std::size_t end = bytes_.find('\n');
    if (end > qmp_message_max && bytes_.size() > qmp_message_max) {
        return fail("a message of more than " + std::to_string(qmp_message_max) + " bytes");
    }
    if (end == std::string::npos) {
        return std::nullopt;
    }
    const std::string line = bytes_.substr(0, end);
    bytes_.erase(0, end + 1);
    json message = json::parse(line, nullptr, false);
    if (!message.is_object()) {
        return fail("a line that is no JSON object: " + printable(line, 100));
    }
    return message;
}

std::string qmp_text(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<QmpReply> qmp_reply(const json& message, int id) {
    const auto named = message.find("id");
    if (named == message.end() || !named->is_number_integer() || *named != id) {
        return std::nullopt;
    }
    if (const auto value = message.find("return"); value != message.end()) {
        return QmpReply{false, "", *value};
    }
    if (const auto error = message.find("error"); error != message.end()) {
        const std::string reason = printable(qmp_text(*error, "desc"), 512);
        return QmpReply{true, reason.empty() ? "no reason given" : reason, nullptr};
    }
    return std::nullopt;
}

std::string qmp_deleted_device(const json& message) {
    const auto data = message.find("data");
    return qmp_text(message, "event") == "DEVICE_DELETED" && data != message.end()
               ? qmp_text(*data, "device")
               : std::string();
}

} // namespace usb_hotplug
