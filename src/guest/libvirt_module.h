// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the module with libvirt offers. The names are C, so that they can be looked up; the types
// are ours, as the module and the programs are always of the same version.

#pragma once

#include "guest/backend.h"

#include <memory>

extern "C" {

/// open_backend() for a guest under libvirt.
void usb_hotplug_libvirt_open(const usb_hotplug::GuestAddress& address,
                              usb_hotplug::Result<std::unique_ptr<usb_hotplug::Backend>>& backend);
/// Makes libvirt use this loop (virEventRegisterImpl). Once in a program, before the first
/// connection; the loop must outlive them all.
void usb_hotplug_libvirt_use_loop(sd_event* event, usb_hotplug::Result<>& result);
}
