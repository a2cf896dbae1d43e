// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guests under libvirt. Its error codes do not tell causes apart (a missing device, no free port
// and QEMU's own refusals are all VIR_ERR_INTERNAL_ERROR), so what happened is read from the state:
// the live XML of this and the other domains.

#include "base/handles.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "guest/backend_module.h"
#include "guest/domain_xml.h"
#include "guest/libvirt_cut_off.h"
#include "guest/libvirt_error.h"
#include "guest/libvirt_events.h"
#include "guest/places.h"

#include <cstdlib>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <strings.h>
#include <thread>

namespace usb_hotplug {

namespace {

using Connection = Handle<virConnect, virConnectClose>;
using Domain = Handle<virDomain, virDomainFree>;
using Clock = std::chrono::steady_clock;

/// When a guest that has not let go is asked again. Not sooner: a second request that arrives while
/// libvirt (seen in 9.0) still works on the first one's DEVICE_DELETED event takes the device out
/// of the live XML but leaves it in the status file, and the next libvirtd to start then stops the
/// guest.
constexpr auto ask_again = std::chrono::seconds(5);

/// libvirt takes every kind of event callback as this one type (VIR_DOMAIN_EVENT_CALLBACK). The
/// step between tells the compiler that the mismatch is meant.
template <class Function>
virConnectDomainEventGenericCallback generic(Function* callback) {
    return reinterpret_cast<virConnectDomainEventGenericCallback>(
        reinterpret_cast<void (*)()>(callback));
}

class LibvirtBackend final : public Backend {
public:
    LibvirtBackend(Connection connection, GuestAddress address)
        : connection_(std::move(connection)), address_(std::move(address)) {}

    LibvirtBackend(const LibvirtBackend&) = delete;
    LibvirtBackend& operator=(const LibvirtBackend&) = delete;
    ~LibvirtBackend() override;

    Result<GuestState> state() override;
    Result<AttachOutcome> attach(const Attachment& attachment) override;
    Result<DetachOutcome> detach(const std::string& alias, std::chrono::seconds limit) override;
    Result<> cut_off(const std::string& alias) override;
    Result<std::vector<std::string>> attached() override;
    Result<std::optional<GuestPorts>> ports() override;
    Result<> watch(std::function<void(GuestEvent)> callback) override;

private:
    [[nodiscard]] Domain find() const;
    [[nodiscard]] tl::unexpected<Error> failure(const std::string& what) const;
    static Result<DomainDevices> live_xml(virDomain* domain);
    Result<AttachOutcome> attach_disk(virDomain* domain, const Attachment& attachment);
    Result<AttachOutcome> explain_refusal(virDomain* domain, const Attachment& attachment,
                                          std::string message);
    [[nodiscard]] std::optional<std::string> other_owner(const AttachmentSource& source) const;
    [[nodiscard]] bool is_ours(virDomain* domain) const;

    static int on_lifecycle(virConnect* connection, virDomain* domain, int event, int detail,
                            void* self);
    static void on_removed(virConnect* connection, virDomain* domain, const char* alias,
                           void* self);
    static void on_added(virConnect* connection, virDomain* domain, const char* alias, void* self);
    static void on_closed(virConnect* connection, int reason, void* self);

    Connection connection_;
    GuestAddress address_;
    std::function<void(GuestEvent)> callback_;
    std::vector<int> subscriptions_;
};

LibvirtBackend::~LibvirtBackend() {
    for (const int subscription : subscriptions_) {
        (void)virConnectDomainEventDeregisterAny(connection_.get(), subscription);
    }
    if (callback_) {
        (void)virConnectUnregisterCloseCallback(connection_.get(), on_closed);
    }
}

tl::unexpected<Error> LibvirtBackend::failure(const std::string& what) const {
    return fail(what + " at " + printable(address_.target) + ": " + last_message());
}

/// Null when there is none, or on any other error; the caller tells them apart by last_code().
Domain LibvirtBackend::find() const {
    virResetLastError();
    Domain domain(virDomainLookupByName(connection_.get(), address_.domain.c_str()));
    if (!domain && last_code() == VIR_ERR_NO_DOMAIN) {
        // A name that is no UUID is an error of its own here; the first answer stands.
        Domain by_uuid(virDomainLookupByUUIDString(connection_.get(), address_.domain.c_str()));
        if (by_uuid) {
            return by_uuid;
        }
        virResetLastError();
        return Domain(virDomainLookupByName(connection_.get(), address_.domain.c_str()));
    }
    return domain;
}

Result<GuestState> LibvirtBackend::state() {
    const Domain domain = find();
    if (!domain) {
        return last_code() == VIR_ERR_NO_DOMAIN
                   ? Result<GuestState>(GuestState::Missing)
                   : failure("Cannot look up domain '" + printable(address_.domain) + "'");
    }
    int state = VIR_DOMAIN_NOSTATE;
    if (virDomainGetState(domain.get(), &state, nullptr, 0) < 0) {
        return last_code() == VIR_ERR_NO_DOMAIN ? Result<GuestState>(GuestState::Missing)
                                                : failure("Cannot read the state of domain '" +
                                                          printable(address_.domain) + "'");
    }
    const bool off = state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_SHUTDOWN ||
                     state == VIR_DOMAIN_CRASHED || state == VIR_DOMAIN_NOSTATE;
    return off ? GuestState::Off : GuestState::Running;
}

Result<DomainDevices> LibvirtBackend::live_xml(virDomain* domain) {
    const Handle<char, std::free> xml(virDomainGetXMLDesc(domain, 0));
    if (!xml) {
        return fail("Cannot read a domain's XML: " + last_message());
    }
    return parse_domain(xml.get());
}

/// The name of another running domain that has the device.
std::optional<std::string> LibvirtBackend::other_owner(const AttachmentSource& source) const {
    virDomainPtr* raw = nullptr;
    const int count =
        virConnectListAllDomains(connection_.get(), &raw, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    const Handle<virDomainPtr, std::free> list(raw);
    std::optional<std::string> owner;
    for (int i = 0; i < count; ++i) {
        const Domain domain(list.get()[i]);
        const auto found = live_xml(domain.get());
        if (found && has_source(*found, source) && !is_ours(domain.get())) {
            owner = virDomainGetName(domain.get());
        }
    }
    return owner;
}

Result<AttachOutcome> LibvirtBackend::explain_refusal(virDomain* domain,
                                                      const Attachment& attachment,
                                                      std::string message) {
    auto now = state();
    if (!now) {
        return forward(now);
    }
    if (*now != GuestState::Running) {
        return AttachOutcome{AttachOutcome::GuestOff, std::move(message)};
    }
    if (auto owner = other_owner(attachment.source)) {
        return AttachOutcome{AttachOutcome::InUse, *owner};
    }
    const auto found = live_xml(domain);
    if (found && found->has_alias(attachment.alias)) {
        return AttachOutcome{AttachOutcome::AlreadyAttached, std::move(message)};
    }
    if (found && has_source(*found, attachment.source)) {
        return AttachOutcome{AttachOutcome::HasOtherwise, std::move(message)};
    }
    const auto taken = found ? taken_place(*found, attachment.source) : std::nullopt;
    return taken ? *taken : AttachOutcome{AttachOutcome::Refused, std::move(message)};
}

/// Two guests that write to one disk ruin it, and neither libvirt nor QEMU minds: so it is asked
/// before, and not only when there is something to explain.
Result<AttachOutcome> LibvirtBackend::attach_disk(virDomain* domain, const Attachment& attachment) {
    const auto& source = std::get<DiskSource>(attachment.source);
    const auto found = live_xml(domain);
    if (!found || found->has_alias(attachment.alias) || has_source(*found, attachment.source) ||
        other_owner(attachment.source)) {
        return explain_refusal(domain, attachment,
                               found ? "the disk is taken" : found.error().message);
    }
    const std::string target = source.settings.target.empty()
                                   ? found->free_target(source.settings.bus)
                                   : source.settings.target;
    const std::string xml = disk_xml(attachment.alias, source, target);
    if (virDomainAttachDeviceFlags(domain, xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) == 0) {
        return AttachOutcome{};
    }
    return explain_refusal(domain, attachment, last_message());
}

Result<AttachOutcome> LibvirtBackend::attach(const Attachment& attachment) {
    const Domain domain = find();
    if (!domain) {
        return last_code() == VIR_ERR_NO_DOMAIN
                   ? Result<AttachOutcome>(AttachOutcome{AttachOutcome::GuestOff, last_message()})
                   : failure("Cannot look up domain '" + printable(address_.domain) + "'");
    }
    const auto* source = std::get_if<UsbSource>(&attachment.source);
    if (source == nullptr) {
        return attach_disk(domain.get(), attachment);
    }
    const std::string xml = hostdev_xml(attachment.alias, *source);
    if (virDomainAttachDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) == 0) {
        return AttachOutcome{};
    }
    return explain_refusal(domain.get(), attachment, last_message());
}

Result<DetachOutcome> LibvirtBackend::detach(const std::string& alias, std::chrono::seconds limit) {
    const auto start = Clock::now();
    auto ask_at = start;
    auto pause = std::chrono::milliseconds(5);
    bool asked = false;
    for (;;) {
        const auto now = state();
        if (!now) {
            return tl::unexpected<Error>(now.error());
        }
        if (*now != GuestState::Running) {
            return DetachOutcome::GuestOff;
        }
        const Domain domain = find();
        const auto found = domain ? live_xml(domain.get()) : fail("The domain is gone");
        if (found && !found->has_alias(alias)) {
            return asked ? DetachOutcome::Detached : DetachOutcome::NotAttached;
        }
        if (Clock::now() - start > limit) {
            return DetachOutcome::NoAnswer;
        }
        if (found && Clock::now() >= ask_at) {
            (void)virDomainDetachDeviceAlias(domain.get(), alias.c_str(), VIR_DOMAIN_AFFECT_LIVE);
            asked = true;
            ask_at = Clock::now() + ask_again;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(250));
    }
}

/// Nothing in libvirt does this, so its way to QEMU's monitor is taken; the domain is then marked
/// as tainted.
Result<> LibvirtBackend::cut_off(const std::string& alias) {
    const Domain domain = find();
    if (!domain) {
        return failure("Cannot look up domain '" + printable(address_.domain) + "'");
    }
    const AskQemu ask = [&](const std::string& command) -> Result<std::string> {
        char* raw = nullptr;
        const int r = virDomainQemuMonitorCommand(domain.get(), command.c_str(), &raw, 0);
        const Handle<char, std::free> answer(raw);
        return r < 0 || !answer ? Result<std::string>(failure("Cannot ask QEMU"))
                                : std::string(answer.get());
    };
    return cut_off_disk(ask, alias);
}

Result<std::vector<std::string>> LibvirtBackend::attached() {
    auto now = state();
    if (!now) {
        return forward(now);
    }
    std::vector<std::string> aliases;
    const Domain domain = find();
    if (*now != GuestState::Running || !domain) {
        return aliases;
    }
    auto found = live_xml(domain.get());
    if (!found) {
        return forward(found);
    }
    for (const std::string& alias : found->aliases) {
        if (alias.starts_with(alias_prefix)) {
            aliases.push_back(alias);
        }
    }
    return aliases;
}

Result<std::optional<GuestPorts>> LibvirtBackend::ports() {
    const Domain domain = find();
    if (!domain) {
        return last_code() == VIR_ERR_NO_DOMAIN
                   ? Result<std::optional<GuestPorts>>(std::nullopt)
                   : failure("Cannot look up domain '" + printable(address_.domain) + "'");
    }
    auto usb = live_xml(domain.get());
    return usb ? Result<std::optional<GuestPorts>>(
                     GuestPorts{usb->ports, usb->used_ports, usb->has_usb3})
               : forward(usb);
}

bool LibvirtBackend::is_ours(virDomain* domain) const {
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    return address_.domain == virDomainGetName(domain) ||
           (virDomainGetUUIDString(domain, uuid) == 0 &&
            strcasecmp(address_.domain.c_str(), uuid) == 0);
}

int LibvirtBackend::on_lifecycle(virConnect* /*connection*/, virDomain* domain, int event,
                                 int /*detail*/, void* self) {
    auto* backend = static_cast<LibvirtBackend*>(self);
    const bool ours = backend->is_ours(domain);
    if (event == VIR_DOMAIN_EVENT_STARTED && ours) {
        backend->callback_(GuestEvent::Started);
    } else if (event == VIR_DOMAIN_EVENT_STOPPED || event == VIR_DOMAIN_EVENT_CRASHED) {
        backend->callback_(ours ? GuestEvent::Stopped : GuestEvent::Freed);
    }
    return 0;
}

void LibvirtBackend::on_removed(virConnect* /*connection*/, virDomain* domain, const char* alias,
                                void* self) {
    auto* backend = static_cast<LibvirtBackend*>(self);
    const bool ours = std::string_view(alias).starts_with(alias_prefix);
    if (!ours) {
        backend->callback_(GuestEvent::Freed);
    } else if (backend->is_ours(domain)) {
        backend->callback_(GuestEvent::DevicesChanged);
    }
}

void LibvirtBackend::on_added(virConnect* /*connection*/, virDomain* domain, const char* alias,
                              void* self) {
    auto* backend = static_cast<LibvirtBackend*>(self);
    if (backend->is_ours(domain) && std::string_view(alias).starts_with(alias_prefix)) {
        backend->callback_(GuestEvent::DeviceAdded);
    }
}

void LibvirtBackend::on_closed(virConnect* /*connection*/, int /*reason*/, void* self) {
    static_cast<LibvirtBackend*>(self)->callback_(GuestEvent::Lost);
}

Result<> LibvirtBackend::watch(std::function<void(GuestEvent)> callback) {
    callback_ = std::move(callback);
    if (virConnectRegisterCloseCallback(connection_.get(), on_closed, this, nullptr) < 0) {
        return failure("Cannot watch the connection");
    }
    const int lifecycle =
        virConnectDomainEventRegisterAny(connection_.get(), nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         generic(on_lifecycle), this, nullptr);
    const int removed = virConnectDomainEventRegisterAny(connection_.get(), nullptr,
                                                         VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                                                         generic(on_removed), this, nullptr);
    const int added = virConnectDomainEventRegisterAny(connection_.get(), nullptr,
                                                       VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
                                                       generic(on_added), this, nullptr);
    for (const int subscription : {lifecycle, removed, added}) {
        if (subscription < 0) {
            return failure("Cannot watch the domains");
        }
        subscriptions_.push_back(subscription);
    }
    // A daemon that hangs is noticed after half a minute; one that ends, at once.
    (void)virConnectSetKeepAlive(connection_.get(), 10, 3);
    return {};
}

Result<std::unique_ptr<Backend>> connect(const GuestAddress& address) {
    virSetErrorFunc(nullptr, ignore_error);
    Connection connection(virConnectOpen(address.target.c_str()));
    if (!connection) {
        return fail("Cannot connect to libvirt at " + printable(address.target) + ": " +
                    last_message());
    }
    return std::make_unique<LibvirtBackend>(std::move(connection), address);
}

} // namespace

} // namespace usb_hotplug

[[gnu::visibility("default")]] void
usb_hotplug_backend_open(const usb_hotplug::GuestAddress& address,
                         usb_hotplug::Result<std::unique_ptr<usb_hotplug::Backend>>& backend) {
    backend = usb_hotplug::connect(address);
}

[[gnu::visibility("default")]] void usb_hotplug_backend_use_loop(sd_event* event,
                                                                 usb_hotplug::Result<>& result) {
    result = usb_hotplug::register_libvirt_events(event);
}
