// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guests that are QEMU by itself, through its monitor: the QEMU Machine Protocol,
// docs/interop/qmp-spec.txt of QEMU's source.

#pragma once

#include "base/result.h"
#include "guest/backend.h"

#include <chrono>
#include <memory>
#include <string>

struct sd_event;

namespace usb_hotplug {

/// What tests set otherwise. A monitor serves one client at a time: until it is our turn there is
/// no greeting.
struct QmpSettings {
    std::chrono::milliseconds greeting = std::chrono::seconds(5);
    /// All of one call of Backend, without what detach() may wait for the guest.
    std::chrono::milliseconds call = std::chrono::seconds(20);
    /// Between two looks at a guest whose end nobody announces.
    std::chrono::milliseconds look = std::chrono::seconds(5);
    /// A socket is there before somebody listens at it, and before whoever starts QEMU has set its
    /// rights. It is given so long.
    std::chrono::milliseconds settling = std::chrono::seconds(10);
    std::string devices = "/dev/bus/usb"; ///< where the nodes of the host's devices are
};

/// The backend of the guest whose monitor is at `address.target`. Connects at each call and never
/// stays: the monitor is free for others in between. Backend::watch() uses `event`, and is an error
/// where that is null.
std::unique_ptr<Backend> make_qmp_backend(const GuestAddress& address, sd_event* event,
                                          const QmpSettings& settings = {});

} // namespace usb_hotplug
