// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What comes from a monitor, cut into messages. Pure. A guest that has taken over its QEMU may send
// anything.

#pragma once

#include "base/result.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace usb_hotplug {

/// The longest message that is read. QEMU's answers to what we ask have some kilobytes.
inline constexpr std::size_t qmp_message_max = std::size_t{1} << 20U;

/// One JSON object to a line (docs/interop/qmp-spec.txt, section 2.1).
class QmpReader {
public:
    void add(std::string_view bytes) { bytes_.append(bytes); }

    /// The next message, or nothing before all of it was added. An error when it is no JSON object
    /// or too long.
    Result<std::optional<nlohmann::json>> next();

private:
    std::string bytes_;
};

/// The string at a key of an object, or empty.
std::string qmp_text(const nlohmann::json& object, const char* key);

/// An answer to a command: what it returned, or why it was refused.
struct QmpReply {
    bool refused = false;
    std::string reason; ///< in QEMU's words, printable
    nlohmann::json value;
};

/// The reply with this id in a message, or nothing if the message is an event or of another id.
std::optional<QmpReply> qmp_reply(const nlohmann::json& message, int id);

/// The device that the message says is gone: DEVICE_DELETED of qapi/qdev.json. Empty for all else.
std::string qmp_deleted_device(const nlohmann::json& message);

} // namespace usb_hotplug
