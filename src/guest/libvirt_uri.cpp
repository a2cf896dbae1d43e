// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a connection URI says of the way to the hypervisor (https://libvirt.org/uri.html).

#include "guest/backend.h"

#include <string_view>

namespace usb_hotplug {

bool is_remote(const GuestAddress& address) {
    const std::string_view uri = address.target;
    constexpr std::string_view mark = "://";
    const std::size_t end = uri.find(mark);
    // A name that libvirt.conf knows a URI for.
    if (end == std::string_view::npos) {
        return false;
    }
    const std::string_view scheme = uri.substr(0, end);
    const std::size_t plus = scheme.find('+');
    if (plus != std::string_view::npos) {
        return scheme.substr(plus + 1) != "unix";
    }
    // "qemu://host/system" is TLS.
    const std::string_view rest = uri.substr(end + mark.size());
    return !rest.empty() && rest[0] != '/' && rest[0] != '?';
}

} // namespace usb_hotplug
