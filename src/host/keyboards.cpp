// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/keyboards.h"

#include "base/handles.h"

#include <cstring>
#include <string_view>
#include <systemd/sd-device.h>

namespace usb_hotplug {

namespace {

using EnumeratorHandle = Handle<sd_device_enumerator, sd_device_enumerator_unref>;

void add_keyboard(sd_device* input, Keyboards& keyboards) {
    const char* syspath = nullptr;
    if (sd_device_get_syspath(input, &syspath) < 0 ||
        std::string_view(syspath).find("/devices/virtual/") != std::string_view::npos) {
        return;
    }
    // The parent belongs to its child.
    sd_device* usb = nullptr;
    if (sd_device_get_parent_with_subsystem_devtype(input, "usb", "usb_device", &usb) < 0) {
        keyboards.other = true;
    } else if (sd_device_get_syspath(usb, &syspath) >= 0) {
        keyboards.usb.emplace(syspath);
    }
}

} // namespace

Result<Keyboards> list_keyboards() {
    sd_device_enumerator* raw = nullptr;
    int r = sd_device_enumerator_new(&raw);
    const EnumeratorHandle enumerator(raw);
    if (r >= 0) {
        r = sd_device_enumerator_add_match_subsystem(enumerator.get(), "input", 1);
    }
    if (r >= 0) {
        r = sd_device_enumerator_add_match_property(enumerator.get(), "ID_INPUT_KEYBOARD", "1");
    }
    if (r < 0) {
        return fail(std::string("Cannot list the input devices: ") + std::strerror(-r), -r);
    }
    Keyboards keyboards;
    for (sd_device* input = sd_device_enumerator_get_device_first(enumerator.get());
         input != nullptr; input = sd_device_enumerator_get_device_next(enumerator.get())) {
        add_keyboard(input, keyboards);
    }
    return keyboards;
}

} // namespace usb_hotplug
