// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/libvirt_error.h"

#include "base/text.h"

namespace usb_hotplug {

std::string last_message() {
    const virError* error = virGetLastError();
    return error != nullptr && error->message != nullptr ? printable(error->message, 512)
                                                         : std::string("unknown error");
}

int last_code() {
    const virError* error = virGetLastError();
    return error == nullptr ? VIR_ERR_OK : error->code;
}

void ignore_error(void* /*data*/, virErrorPtr /*error*/) {}

} // namespace usb_hotplug
