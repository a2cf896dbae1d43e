// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The module usb-hotplug-qmp.so.

#include "guest/backend_module.h"
#include "guest/qmp.h"

namespace {

/// Of the program, when it watches.
sd_event* watching = nullptr;

} // namespace

[[gnu::visibility("default")]] void
usb_hotplug_backend_open(const usb_hotplug::GuestAddress& address,
                         usb_hotplug::Result<std::unique_ptr<usb_hotplug::Backend>>& backend) {
    backend = usb_hotplug::make_qmp_backend(address, watching);
}

[[gnu::visibility("default")]] void usb_hotplug_backend_use_loop(sd_event* event,
                                                                 usb_hotplug::Result<>& result) {
    watching = event;
    result = {};
}
