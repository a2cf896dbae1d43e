// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The seam between us and whatever runs guests. Everything above it speaks of guests, devices and
// outcomes; which hypervisor it is, only the files of the backend know.

#pragma once

#include "base/result.h"
#include "model/device.h"
#include "model/rule.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct sd_event;

namespace usb_hotplug {

/// A USB device of the host. All four numbers together: the hypervisor then checks that what is at
/// bus and number is still what was decided about.
struct UsbSource {
    std::uint32_t bus = 0;
    std::uint32_t number = 0;
    UsbId id;
};

/// A disk of the host.
struct DiskSource {
    std::string path;               ///< what the hypervisor opens: "/dev/disk/by-id/usb-..."
    std::vector<std::string> nodes; ///< of the disk and its partitions: "/dev/sdb", "/dev/sdb1"
    std::string serial;             ///< which the guest sees; hostile, may be empty
    DiskSettings settings;
};

/// What to attach. Other kinds of source join the variant.
struct Attachment {
    std::string alias; ///< names it in the guest from then on; starts with alias_prefix
    std::variant<UsbSource, DiskSource> source;
};

enum class GuestState {
    Running, ///< also when paused: devices can be attached
    Off,     ///< also while it shuts down
    Missing, ///< the hypervisor knows no such guest
};

/// What an attach came to. `detail` is in the hypervisor's words, or names who is in the way.
struct AttachOutcome {
    enum Kind {
        Attached,
        AlreadyAttached, ///< the guest has something by this alias
        HasOtherwise,    ///< the guest has the device, but not by this alias
        GuestOff,
        InUse,       ///< another guest has the device; `detail` is its name
        TargetTaken, ///< another disk of the guest is called so; `detail` is what that one is
        NoFreePort,  ///< every port of the guest's USB controllers is taken, or it has none
        Refused,     ///< anything else, perhaps for the moment only
    } kind = Attached;
    std::string detail;
};

enum class DetachOutcome {
    Detached,
    NotAttached, ///< nothing by this alias
    GuestOff,    ///< so it has nothing
    NoAnswer,    ///< the guest did not let go in time
};

/// What happens to a guest.
enum class GuestEvent {
    Started,
    Stopped,
    DevicesChanged, ///< it has one of ours less
    DeviceAdded,    ///< it has one of ours more
    Freed,          ///< a device that is not ours has left a guest, or another guest has gone off
    Lost,           ///< the backend is dead and must be opened again
};

/// What a guest's USB controllers have room for, together.
struct GuestPorts {
    std::uint32_t all = 0;
    std::uint32_t used = 0;
    bool has_usb3 = false; ///< one of the controllers is an xHCI

    /// 0 also when more are used than are said to be there.
    [[nodiscard]] std::uint32_t free() const { return used < all ? all - used : 0; }
};

/// A guest, reached. Not thread-safe. Calls block, for the times documented in each.
class Backend {
public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    virtual Result<GuestState> state() = 0;

    /// Attaches to the running guest, not to its configuration, and returns when the guest has it.
    virtual Result<AttachOutcome> attach(const Attachment& attachment) = 0;

    /// Detaches what was attached by this alias and waits until the guest has it no more, `limit`
    /// at most.
    virtual Result<DetachOutcome> detach(const std::string& alias, std::chrono::seconds limit) = 0;

    /// For a disk whose guest does not let go of it: takes the host's disk away from under it. The
    /// guest keeps one whose every access fails, until it lets go of that or goes off. An error
    /// when that cannot be done; then nothing has changed.
    virtual Result<> cut_off(const std::string& alias) = 0;

    /// The aliases, ours only, of what the running guest has; none when it is off.
    virtual Result<std::vector<std::string>> attached() = 0;

    /// Its USB ports; of a guest that is off, as they will be at its start. Nothing when that is
    /// not known, or the hypervisor knows no such guest.
    virtual Result<std::optional<GuestPorts>> ports() = 0;

    /// Calls back from the event loop at every GuestEvent.
    virtual Result<> watch(std::function<void(GuestEvent)> callback) = 0;
};

/// Must be called before the first open_backend of a program that will use Backend::watch, and the
/// loop must then run; programs that do not watch leave it out.
void prepare_watching(sd_event* event);

/// Connects to what runs the guest. An error when that cannot be reached; a guest that does not
/// exist or is off is no error here.
Result<std::unique_ptr<Backend>> open_backend(const GuestAddress& address);

/// Whether open_backend would go over the network or run a program such as ssh, and not just
/// connect to a socket of this machine. The services may do no other. False where nobody can tell.
bool is_remote(const GuestAddress& address);

} // namespace usb_hotplug
