// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the module of a backend offers. The names are C, so that they can be looked up, and the same
// in every module; the types are ours, as modules and programs are always of the same version.

#pragma once

#include "guest/backend.h"

#include <memory>

extern "C" {

/// open_backend() for a guest of the module's kind.
void usb_hotplug_backend_open(const usb_hotplug::GuestAddress& address,
                              usb_hotplug::Result<std::unique_ptr<usb_hotplug::Backend>>& backend);
/// Has the module use this loop for Backend::watch(). Once in a program, before the first
/// connection; the loop must outlive them all.
void usb_hotplug_backend_use_loop(sd_event* event, usb_hotplug::Result<>& result);
}
