// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl tree: buses, hubs and what is plugged into them, each as list shows it.

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "host/devices.h"
#include "host/disks.h"
#include "service/situation.h"

#include <algorithm>
#include <map>

namespace usb_hotplug::ctl {

namespace {

/// A device and what is plugged into it.
struct Node {
    const Device* device = nullptr;
    std::vector<Node> below;
};

/// The port of the hub that a device is plugged into: "1-4" of "1-4.2", "usb1" of "1-4". A disk is
/// below its USB device, whose port it has.
std::string parent_of(const Device& device) {
    if (device.disk) {
        return device.port;
    }
    const auto dot = device.port.rfind('.');
    return dot == std::string::npos ? "usb" + std::to_string(device.bus)
                                    : device.port.substr(0, dot);
}

/// What those below it name it by: nothing is below a disk.
std::string place_of(const Device& device) {
    return device.disk ? device.node : device.port;
}

/// What is plugged into a hub. Of devices sorted by port, `next` is the first that is behind it or
/// behind none, and then the first that is not behind it.
std::vector<Node> below(const std::string& hub, const std::vector<Device>& devices,
                        std::size_t& next) {
    std::vector<Node> nodes;
    while (next < devices.size() && parent_of(devices[next]) == hub) {
        const Device& device = devices[next++];
        nodes.push_back({&device, below(place_of(device), devices, next)});
    }
    return nodes;
}

/// The trees of all buses. A device whose hub left while we looked is a tree of its own.
std::vector<Node> trees_of(const std::vector<Device>& buses, const std::vector<Device>& devices) {
    std::vector<Node> trees;
    std::size_t next = 0;
    const auto add_strays = [&](std::uint32_t end) {
        while (next < devices.size() && devices[next].bus < end) {
            const Device& device = devices[next++];
            trees.push_back({&device, below(place_of(device), devices, next)});
        }
    };
    for (const Device& bus : buses) {
        add_strays(bus.bus);
        trees.push_back({&bus, below(bus.port, devices, next)});
    }
    add_strays(UINT32_MAX);
    return trees;
}

/// An attribute that is read without asking the device, or nothing.
std::string attribute(const Device& device, const char* name) {
    return device.attribute ? printable(device.attribute(name).value_or(""), 16) : "";
}

/// How many ports a hub has.
std::optional<std::uint32_t> ports_of(const Device& device) {
    return device.is_hub() ? parse_number(attribute(device, "maxchild"), 10, 255) : std::nullopt;
}

bool is_bus(const Device& device) {
    return device.port.starts_with("usb");
}

class Drawing {
public:
    explicit Drawing(World& world) : world_(world) {}

    void add(const Node& node, std::optional<std::size_t> parent) {
        const Device& device = *node.device;
        const auto ports = ports_of(device);
        const std::string speed = device.disk ? "" : attribute(device, "speed");
        TreeRow row;
        row.parent = parent;
        row.cells = {device.disk ? device.disk->name : device.port,
                     speed.empty() ? "" : speed + "M", device.id_text(),
                     what_of(device) + (ports ? ", " + counted(*ports, "port") : "")};
        if (!is_bus(device)) {
            const auto situation = look(device);
            row.cells.push_back(situation ? situation->guest : "");
            row.cells.emplace_back(situation ? place_text(situation->place) : "unknown");
            row.cells.push_back(situation ? situation->reason : "");
        } else {
            row.cells.resize(7);
        }
        rows_.push_back(std::move(row));
        const std::size_t self = rows_.size() - 1;
        for (const Node& each : node.below) {
            add(each, self);
        }
    }

    Json json(const Node& node) {
        const Device& device = *node.device;
        Json json = is_bus(device) ? identity_json(device) : device_json(device, look(device));
        json["speed"] = device.disk ? Json(nullptr) : text_or_null(attribute(device, "speed"));
        const auto ports = ports_of(device);
        json["ports"] = ports ? Json(*ports) : Json(nullptr);
        json["devices"] = Json::array();
        for (const Node& each : node.below) {
            json["devices"].push_back(this->json(each));
        }
        return json;
    }

    [[nodiscard]] const std::vector<TreeRow>& rows() const { return rows_; }
    /// Why a situation is not known; empty when all are.
    [[nodiscard]] const std::string& unknown() const { return unknown_; }

private:
    Result<Situation> look(const Device& device) {
        auto situation = situation_of(world_, device);
        if (!situation) {
            unknown_ = situation.error().message;
        }
        return situation;
    }

    World& world_;
    std::vector<TreeRow> rows_;
    std::string unknown_;
};

} // namespace

int tree(bool json) {
    const auto buses = list_buses();
    const auto devices = list_devices_and_disks();
    if (!buses || !devices) {
        return complain((buses ? devices.error() : buses.error()).message);
    }
    World world;
    Drawing drawing(world);
    const std::vector<Node> trees = trees_of(*buses, *devices);
    if (json) {
        Json document = new_json();
        document["buses"] = Json::array();
        for (const Node& node : trees) {
            document["buses"].push_back(drawing.json(node));
        }
        document["errors"] = errors_json(world.configuration());
        print_json(document);
    } else {
        for (const Node& node : trees) {
            drawing.add(node, std::nullopt);
        }
        print_tree({"PORT", "SPEED", "ID", "DEVICE", "GUEST", "STATE", "REASON"}, drawing.rows());
        print_mistakes(world);
    }
    return drawing.unknown().empty() ? exit_success : complain(drawing.unknown());
}

} // namespace usb_hotplug::ctl
