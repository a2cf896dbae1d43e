// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which backend a guest has. Each is a module of its own, loaded with its libraries when the first
// guest of its kind is looked at: a stop that finds nothing to undo needs none.

#include "guest/backend.h"

#include "base/module.h"
#include "guest/backend_module.h"
#include "paths.h"

#include <map>

namespace usb_hotplug {

namespace {

/// Of the program, when it watches.
sd_event* watching = nullptr;

/// Where a kind of guest has its backend.
struct Place {
    const char* name;
    const char* module;
};

Place place_of(BackendKind kind) {
    switch (kind) {
    case BackendKind::Libvirt:
        return {"libvirt", USB_HOTPLUG_LIBVIRT_MODULE};
    case BackendKind::Qmp:
        return {"QMP", USB_HOTPLUG_QMP_MODULE};
    }
    return {"this kind of guest", ""};
}

using Open = decltype(&usb_hotplug_backend_open);

Result<Open> load(BackendKind kind) {
    const Place place = place_of(kind);
    const std::string what =
        std::string("Cannot use ") + place.name + ", install usb-hotplug again: ";
    const auto module = Module::load(place.module);
    if (!module) {
        return fail(what + module.error().message);
    }
    Open open = nullptr;
    decltype(&usb_hotplug_backend_use_loop) use_loop = nullptr;
    if (!module->look_up("usb_hotplug_backend_open", open) ||
        !module->look_up("usb_hotplug_backend_use_loop", use_loop)) {
        return fail(what + place.module + " is of another version");
    }
    Result<> ready;
    if (watching != nullptr) {
        use_loop(watching, ready);
    }
    return ready ? Result<Open>(open) : forward(ready);
}

} // namespace

void prepare_watching(sd_event* event) {
    watching = event;
}

Result<std::unique_ptr<Backend>> open_backend(const GuestAddress& address) {
    static std::map<BackendKind, Result<Open>> loaded;
    auto found = loaded.find(address.kind);
    if (found == loaded.end()) {
        found = loaded.emplace(address.kind, load(address.kind)).first;
    }
    const Result<Open>& open = found->second;
    if (!open) {
        return fail(open.error().message);
    }
    Result<std::unique_ptr<Backend>> backend;
    (*open)(address, backend);
    return backend;
}

} // namespace usb_hotplug
