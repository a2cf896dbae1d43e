// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guests that are QEMU by itself. All its refusals have one class of error (GenericError of
// qapi/error.json), so what happened is read from the state: what QEMU has by which name, and which
// ports are free.

#include "guest/qmp.h"

#include "base/handles.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "guest/qmp_contact.h"
#include "guest/qmp_controllers.h"
#include "guest/qmp_session.h"
#include "guest/qmp_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>

namespace usb_hotplug {

using nlohmann::json;

namespace {

using Clock = QmpSession::Clock;

/// Where QEMU has the devices that were given an id.
const std::string named_devices = "/machine/peripheral";

/// A guest that lets go of a USB device does so at once.
constexpr auto look_again = std::chrono::milliseconds(250);

/// "001/005", below the folder of the nodes.
std::string node_of(const UsbSource& source) {
    return decimal(source.bus, 3) + "/" + decimal(source.number, 3);
}

/// Whether an open node is the device that was decided about, and not the next one of its number:
/// it begins with the device's descriptor (USB 2.0, 9.6.1; Documentation/driver-api/usb/usb.rst of
/// Linux).
bool is_device(int fd, const UsbId& id) {
    std::array<unsigned char, 18> descriptor = {};
    if (pread(fd, descriptor.data(), descriptor.size(), 0) !=
        static_cast<ssize_t>(descriptor.size())) {
        return false;
    }
    const auto number = [&](std::size_t at) {
        return static_cast<std::uint32_t>(descriptor[at]) |
               static_cast<std::uint32_t>(descriptor[at + 1]) << 8U;
    };
    return number(8) == id.vendor && number(10) == id.product;
}

/// The node, open for QEMU; or why not.
Result<UniqueFd> open_device(const std::string& node, const UsbId& id) {
    UniqueFd fd(open(node.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) {
        const int error = errno;
        return fail("cannot open " + node + ": " + std::strerror(error), error);
    }
    if (!is_device(fd.get(), id)) {
        return fail(node + " is another device by now", ENODEV);
    }
    return fd;
}

class QmpBackend final : public Backend {
public:
    QmpBackend(GuestAddress address, sd_event* event, QmpSettings settings)
        : path_(std::move(address.target)), event_(event), settings_(std::move(settings)) {}

    Result<GuestState> state() override;
    Result<AttachOutcome> attach(const Attachment& attachment) override;
    Result<DetachOutcome> detach(const std::string& alias, std::chrono::seconds limit) override;
    Result<> cut_off(const std::string& alias) override;
    Result<std::vector<std::string>> attached() override;
    Result<std::optional<GuestPorts>> ports() override;
    Result<> watch(std::function<void(GuestEvent)> callback) override;

private:
    [[nodiscard]] Result<bool> has(QmpSession& session, const std::string& alias) const;
    Result<AttachOutcome> attach_by(QmpSession& session, const std::string& alias,
                                    const UsbSource& source);
    Result<AttachOutcome> hand_over(QmpSession& session, const std::string& alias, int fd,
                                    const std::vector<QmpPlace>& places);
    Result<DetachOutcome> detach_by(QmpSession& session, const std::string& alias,
                                    std::chrono::seconds limit);
    [[nodiscard]] bool is_off();

    std::string path_;
    sd_event* event_;
    QmpSettings settings_;
    std::unique_ptr<QmpWatch> watch_;
};

Result<GuestState> QmpBackend::state() {
    const auto contact = contact_qmp(path_);
    if (!contact) {
        return forward(contact);
    }
    return contact->kind == QmpContact::Nobody ? GuestState::Off : GuestState::Running;
}

/// After a call that was cut off.
bool QmpBackend::is_off() {
    const auto now = state();
    return now && *now == GuestState::Off;
}

Result<bool> QmpBackend::has(QmpSession& session, const std::string& alias) const {
    const auto devices = list_objects(session, named_devices);
    if (!devices) {
        return forward(devices);
    }
    return std::any_of(devices->begin(), devices->end(),
                       [&](const QomEntry& device) { return device.name == alias; });
}

/// Whether something that is not ours has the device by its bus and number, or by its node (the
/// properties of usb-host, hw/usb/host-libusb.c). QEMU would take it a second time.
Result<bool> has_otherwise(QmpSession& session, const std::vector<QmpController>& controllers,
                           const UsbSource& source) {
    const auto property = [&](const std::string& device, const char* name) -> Result<json> {
        const auto reply = session.execute("qom-get", {{"path", device}, {"property", name}});
        return reply ? Result<json>(reply->value) : forward(reply);
    };
    for (const QmpController& controller : controllers) {
        for (const std::string& device : controller.devices) {
            const auto bus = property(device, "hostbus");
            const auto number = bus ? property(device, "hostaddr") : bus;
            const auto node = number ? property(device, "hostdevice") : number;
            if (!node) {
                return forward(node);
            }
            if ((*bus == source.bus && *number == source.number) ||
                *node == "/dev/bus/usb/" + node_of(source)) {
                return true;
            }
        }
    }
    return false;
}

/// Gives QEMU the open device, so that it needs no rights to it. Each gets a set of its own (QEMU
/// chooses an unused one): QEMU closes the device without taking it out of the set
/// (usb_host_close() in hw/usb/host-libusb.c), so that a set that was used is never empty again.
Result<AttachOutcome> QmpBackend::hand_over(QmpSession& session, const std::string& alias, int fd,
                                            const std::vector<QmpPlace>& places) {
    const auto added = session.execute("add-fd", {{"opaque", alias}}, fd);
    if (!added) {
        return forward(added);
    }
    const auto set = added->value.find("fdset-id");
    if (added->refused || set == added->value.end() || !set->is_number_integer()) {
        return AttachOutcome{AttachOutcome::Refused, "QEMU does not take the device: " +
                                                         (added->refused ? added->reason : "?")};
    }
    AttachOutcome outcome = {AttachOutcome::Refused, ""};
    for (const QmpPlace& place : places) {
        json arguments = {{"driver", "usb-host"},
                          {"id", alias},
                          {"hostdevice", "/dev/fdset/" + std::to_string(set->get<std::int64_t>())}};
        if (!place.bus.empty()) {
            arguments["bus"] = place.bus;
        }
        if (!place.port.empty()) {
            arguments["port"] = place.port;
        }
        const auto tried = session.execute("device_add", std::move(arguments));
        if (!tried) {
            return forward(tried);
        }
        if (!tried->refused) {
            outcome = {AttachOutcome::Attached, ""};
            break;
        }
        outcome.detail = tried->reason;
    }
    const auto removed = session.execute("remove-fd", {{"fdset-id", *set}});
    return removed ? Result<AttachOutcome>(outcome) : forward(removed);
}

Result<AttachOutcome> QmpBackend::attach_by(QmpSession& session, const std::string& alias,
                                            const UsbSource& source) {
    auto had = has(session, alias);
    if (!had || *had) {
        return had ? Result<AttachOutcome>(AttachOutcome{AttachOutcome::AlreadyAttached, ""})
                   : forward(had);
    }
    auto controllers = list_controllers(session);
    if (!controllers) {
        return forward(controllers);
    }
    auto otherwise = has_otherwise(session, *controllers, source);
    if (!otherwise || *otherwise) {
        return otherwise ? Result<AttachOutcome>(AttachOutcome{AttachOutcome::HasOtherwise, ""})
                         : forward(otherwise);
    }
    const std::vector<QmpPlace> places = places_on(*controllers);
    if (places.empty()) {
        return AttachOutcome{AttachOutcome::NoFreePort, std::to_string(ports_of(*controllers).all)};
    }
    const auto device = open_device(settings_.devices + "/" + node_of(source), source.id);
    if (!device) {
        return AttachOutcome{AttachOutcome::Refused, device.error().message};
    }
    auto outcome = hand_over(session, alias, device->get(), places);
    if (outcome && outcome->kind == AttachOutcome::Refused) {
        // Somebody may have been quicker.
        const auto now = has(session, alias);
        outcome->kind = now && *now ? AttachOutcome::AlreadyAttached : AttachOutcome::Refused;
    }
    return outcome;
}

Result<AttachOutcome> QmpBackend::attach(const Attachment& attachment) {
    auto session = QmpSession::open(path_, settings_);
    if (!session) {
        return forward(session);
    }
    const AttachOutcome off = {AttachOutcome::GuestOff, ""};
    if (!*session) {
        return off;
    }
    const auto* source = std::get_if<UsbSource>(&attachment.source);
    if (source == nullptr) {
        return AttachOutcome{AttachOutcome::Refused, "it takes USB devices, and no disks"};
    }
    auto outcome = attach_by(**session, attachment.alias, *source);
    return !outcome && is_off() ? Result<AttachOutcome>(off) : outcome;
}

Result<DetachOutcome> QmpBackend::detach_by(QmpSession& session, const std::string& alias,
                                            std::chrono::seconds limit) {
    const auto end = Clock::now() + limit;
    session.extend(limit);
    auto had = has(session, alias);
    if (!had || !*had) {
        return had ? Result<DetachOutcome>(DetachOutcome::NotAttached) : forward(had);
    }
    // A refusal shows in that the device stays: it may be on its way out already.
    const auto asked = session.execute("device_del", {{"id", alias}});
    if (!asked) {
        return forward(asked);
    }
    for (;;) {
        const auto gone = session.wait_deleted(alias, std::min(end, Clock::now() + look_again));
        if (!gone) {
            return forward(gone);
        }
        had = *gone ? Result<bool>(false) : has(session, alias);
        if (!had || !*had) {
            return had ? Result<DetachOutcome>(DetachOutcome::Detached) : forward(had);
        }
        if (Clock::now() >= end) {
            return DetachOutcome::NoAnswer;
        }
    }
}

Result<DetachOutcome> QmpBackend::detach(const std::string& alias, std::chrono::seconds limit) {
    auto session = QmpSession::open(path_, settings_);
    if (!session) {
        return forward(session);
    }
    if (!*session) {
        return DetachOutcome::GuestOff;
    }
    auto outcome = detach_by(**session, alias, limit);
    return !outcome && is_off() ? Result<DetachOutcome>(DetachOutcome::GuestOff) : outcome;
}

/// It gets no disks.
Result<> QmpBackend::cut_off(const std::string& alias) {
    return fail("Only a disk can be cut off, and " + alias + " is none");
}

Result<std::vector<std::string>> QmpBackend::attached() {
    auto session = QmpSession::open(path_, settings_);
    if (!session) {
        return forward(session);
    }
    std::vector<std::string> aliases;
    auto devices = *session ? list_objects(**session, named_devices)
                            : Result<std::vector<QomEntry>>(std::vector<QomEntry>());
    if (!devices && !is_off()) {
        return forward(devices);
    }
    for (const QomEntry& device : devices.value_or(std::vector<QomEntry>())) {
        if (device.name.starts_with(alias_prefix)) {
            aliases.push_back(device.name);
        }
    }
    return aliases;
}

Result<std::optional<GuestPorts>> QmpBackend::ports() {
    auto session = QmpSession::open(path_, settings_);
    if (!session) {
        return forward(session);
    }
    if (!*session) {
        return std::nullopt;
    }
    const auto controllers = list_controllers(**session);
    if (!controllers) {
        return is_off() ? Result<std::optional<GuestPorts>>(std::nullopt) : forward(controllers);
    }
    return ports_of(*controllers);
}

Result<> QmpBackend::watch(std::function<void(GuestEvent)> callback) {
    if (event_ == nullptr) {
        return fail("Cannot watch a guest without an event loop");
    }
    auto opened = QmpWatch::open(event_, path_, std::move(callback), settings_);
    if (!opened) {
        return forward(opened);
    }
    watch_ = std::move(*opened);
    return {};
}

} // namespace

std::unique_ptr<Backend> make_qmp_backend(const GuestAddress& address, sd_event* event,
                                          const QmpSettings& settings) {
    return std::make_unique<QmpBackend>(address, event, settings);
}

} // namespace usb_hotplug
