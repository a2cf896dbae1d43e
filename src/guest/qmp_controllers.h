// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The USB controllers of a guest and what is on them, from QEMU's object model (qapi/qom.json).

#pragma once

#include "base/result.h"
#include "guest/qmp_session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug {

/// What is at a place in the object model: "usb.0" and "child<usb-bus>".
struct QomEntry {
    std::string name;
    std::string type;
};

/// Nothing there is an empty list.
Result<std::vector<QomEntry>> list_objects(QmpSession& session, const std::string& path);

/// A USB controller with a bus of its own.
struct QmpController {
    std::string bus;                  ///< its name: "usb.0"
    std::uint32_t ports = 0;          ///< on the controller itself
    std::uint32_t hub_ports = 0;      ///< on hubs behind it
    std::uint32_t used = 0;           ///< of both
    std::vector<std::string> devices; ///< on it: their places in the object model
    bool is_usb3 = false;             ///< an xHCI

    [[nodiscard]] std::uint32_t free() const {
        const std::uint32_t all = ports + hub_ports;
        return all > used ? all - used : 0;
    }
};

/// The controllers, fastest kind first. None when it has only such as are not known here.
Result<std::vector<QmpController>> list_controllers(QmpSession& session);

/// Where a device can go; empty parts are QEMU's choice.
struct QmpPlace {
    std::string bus;
    std::string port;
};

/// Where a device may be tried, best first: none when every port is taken. Of controllers that are
/// not known the choice is QEMU's.
std::vector<QmpPlace> places_on(const std::vector<QmpController>& controllers);

} // namespace usb_hotplug
