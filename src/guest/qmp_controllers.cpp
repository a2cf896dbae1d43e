// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/qmp_controllers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace usb_hotplug {

using nlohmann::json;

namespace {

/// Where QEMU keeps devices: those with an id, those without, and what the machine brings along
/// (hw/core/qdev.c, system/qdev-monitor.c).
constexpr std::array places = {"/machine/peripheral", "/machine/peripheral-anon",
                               "/machine/unattached"};

/// More than any machine has, and few enough to be asked about in no time.
constexpr std::size_t controllers_max = 64;
constexpr std::size_t devices_max = 256;

/// USB_MAXPORTS in hw/usb/hcd-xhci.h and OHCI_MAX_PORTS in hw/usb/hcd-ohci.h.
constexpr std::uint32_t ports_max = 15;
/// NUM_PORTS in hw/usb/dev-hub.c.
constexpr std::uint32_t ports_of_hub = 8;

/// A kind of controller by a part of its type's name, and its ports: of properties the largest, or
/// a fixed number (hw/usb/hcd-xhci.c, hcd-ehci.c, hcd-ohci.c, hcd-uhci.c). The companions of an
/// EHCI controller have no bus of their own, and are passed over for that.
struct Kind {
    std::string_view type;
    std::array<const char*, 2> properties;
    std::uint32_t ports;
};
/// Fastest first; the first alone is for USB 3.
constexpr std::array kinds = {
    Kind{"xhci", {"p2", "p3"}, 4},
    Kind{"ehci", {}, 6},
    Kind{"ohci", {"num-ports"}, 3},
    Kind{"uhci", {}, 2},
};

/// What is inside "child<...>" or "link<...>"; empty if it is not one.
std::string_view inside(std::string_view type, std::string_view what) {
    if (!type.starts_with(what) || !type.ends_with('>')) {
        return {};
    }
    type.remove_prefix(what.size());
    type.remove_suffix(1);
    return type;
}

Result<std::uint32_t> ports_of(QmpSession& session, const std::string& path, const Kind& kind) {
    std::uint32_t ports = 0;
    for (const char* property : kind.properties) {
        if (property == nullptr) {
            continue;
        }
        const auto reply = session.execute("qom-get", {{"path", path}, {"property", property}});
        if (!reply) {
            return fail(reply.error().message, reply.error().code);
        }
        if (reply->value.is_number_unsigned()) {
            ports = std::max(ports, static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                        reply->value.get<std::uint64_t>(), ports_max)));
        }
    }
    return ports == 0 ? kind.ports : ports;
}

/// Counts what is on the bus: it has a link to each device, also to those behind hubs.
Result<> look_at_bus(QmpSession& session, const std::string& path, QmpController& controller) {
    const auto entries = list_objects(session, path);
    if (!entries) {
        return fail(entries.error().message, entries.error().code);
    }
    for (const QomEntry& entry : *entries) {
        const std::string_view type = inside(entry.type, "link<");
        if (!entry.name.starts_with("child[") || type.empty() ||
            controller.devices.size() >= devices_max) {
            continue;
        }
        ++controller.used;
        controller.hub_ports += type == "usb-hub" ? ports_of_hub : 0;
        controller.devices.push_back(path + "/" + entry.name);
    }
    return {};
}

/// Adds the controller at this place, if it has a bus.
Result<> look_at_controller(QmpSession& session, const std::string& path, const Kind& kind,
                            std::vector<QmpController>& found) {
    const auto entries = list_objects(session, path);
    if (!entries) {
        return fail(entries.error().message, entries.error().code);
    }
    for (const QomEntry& entry : *entries) {
        if (inside(entry.type, "child<") != "usb-bus") {
            continue;
        }
        const auto ports = ports_of(session, path, kind);
        if (!ports) {
            return fail(ports.error().message, ports.error().code);
        }
        QmpController controller = {entry.name, *ports, 0, 0, {}, &kind == kinds.data()};
        if (auto looked = look_at_bus(session, path + "/" + entry.name, controller); !looked) {
            return looked;
        }
        found.push_back(std::move(controller));
    }
    return {};
}

struct Candidate {
    std::string path;
    const Kind* kind;
};

/// Fastest kind first.
Result<std::vector<Candidate>> find_candidates(QmpSession& session) {
    std::vector<Candidate> candidates;
    for (const char* place : places) {
        const auto entries = list_objects(session, place);
        if (!entries) {
            return fail(entries.error().message, entries.error().code);
        }
        for (const QomEntry& entry : *entries) {
            const std::string_view type = inside(entry.type, "child<");
            const auto* kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& each) {
                return type.find(each.type) != std::string_view::npos;
            });
            if (kind != kinds.end() && candidates.size() < controllers_max) {
                candidates.push_back({std::string(place) + "/" + entry.name, kind});
            }
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.kind < b.kind; });
    return candidates;
}

} // namespace

Result<std::vector<QomEntry>> list_objects(QmpSession& session, const std::string& path) {
    const auto reply = session.execute("qom-list", {{"path", path}});
    if (!reply) {
        return fail(reply.error().message, reply.error().code);
    }
    std::vector<QomEntry> entries;
    for (const json& entry : reply->value.is_array() ? reply->value : json::array()) {
        entries.push_back({qmp_text(entry, "name"), qmp_text(entry, "type")});
    }
    return entries;
}

Result<std::vector<QmpController>> list_controllers(QmpSession& session) {
    const auto candidates = find_candidates(session);
    if (!candidates) {
        return fail(candidates.error().message, candidates.error().code);
    }
    std::vector<QmpController> found;
    for (const Candidate& candidate : *candidates) {
        auto looked = look_at_controller(session, candidate.path, *candidate.kind, found);
        if (!looked) {
            return forward(looked);
        }
    }
    return found;
}

std::vector<QmpPlace> places_on(const std::vector<QmpController>& controllers) {
    if (controllers.empty()) {
        return {{}};
    }
    std::vector<QmpPlace> found;
    for (const QmpController& controller : controllers) {
        // At the last free port QEMU would put a hub of USB 1.1, if it may choose the port itself
        // (usb_claim_port() in hw/usb/bus.c). If there is a hub already, the port may be there.
        const bool is_last = controller.free() == 1;
        for (std::uint32_t port = 1; is_last && port <= controller.ports; ++port) {
            found.push_back({controller.bus, std::to_string(port)});
        }
        if (controller.free() > 1 || (is_last && controller.hub_ports > 0)) {
            found.push_back({controller.bus, ""});
        }
    }
    return found;
}

} // namespace usb_hotplug
