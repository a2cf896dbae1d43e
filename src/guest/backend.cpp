// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which backend a guest has. Each is a module of its own, loaded with its libraries when the first
// guest of its kind is looked at: a stop that finds nothing to undo needs none.

#include "guest/backend.h"

#include "base/module.h"
#include "guest/libvirt_module.h"
#include "paths.h"

namespace usb_hotplug {

namespace {

/// Of the program, when it watches.
sd_event* watching = nullptr;

struct Libvirt {
    decltype(&usb_hotplug_libvirt_open) open = nullptr;
    decltype(&usb_hotplug_libvirt_use_loop) use_loop = nullptr;
};

Result<Libvirt> load() {
    const std::string what = "Cannot use libvirt, install usb-hotplug again: ";
    const auto module = Module::load(USB_HOTPLUG_LIBVIRT_MODULE);
    if (!module) {
        return fail(what + module.error().message);
    }
    Libvirt libvirt;
    if (!module->look_up("usb_hotplug_libvirt_open", libvirt.open) ||
        !module->look_up("usb_hotplug_libvirt_use_loop", libvirt.use_loop)) {
        return fail(what + USB_HOTPLUG_LIBVIRT_MODULE " is of another version");
    }
    Result<> ready;
    if (watching != nullptr) {
        libvirt.use_loop(watching, ready);
    }
    return ready ? Result<Libvirt>(libvirt) : forward(ready);
}

} // namespace

void prepare_watching(sd_event* event) {
    watching = event;
}

Result<std::unique_ptr<Backend>> open_backend(const GuestAddress& address) {
    static const Result<Libvirt> libvirt = load();
    if (!libvirt) {
        return fail(libvirt.error().message);
    }
    Result<std::unique_ptr<Backend>> backend;
    libvirt->open(address, backend);
    return backend;
}

} // namespace usb_hotplug
