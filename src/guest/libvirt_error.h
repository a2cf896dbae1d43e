// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What libvirt says about the call that just failed in this thread.

#pragma once

#include <libvirt/virterror.h>
#include <string>

namespace usb_hotplug {

/// Shortened and harmless to print: it may quote a guest.
std::string last_message();

/// A virErrorNumber.
int last_code();

/// libvirt prints every error on standard error unless told not to; we report them ourselves.
void ignore_error(void* data, virErrorPtr error);

} // namespace usb_hotplug
