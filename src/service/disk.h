// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What giving a disk away has of its own.

#pragma once

#include "guest/backend.h"
#include "model/match.h"

#include <string>

namespace usb_hotplug {

/// How a guest gets a disk: as the rule says by which it wants it, else as any.
DiskSettings settings_of(const Decision& decision, const Guest& guest);

/// What the backend is to hand over.
DiskSource disk_source(const Device& disk, const DiskSettings& settings);

/// "disk /dev/sdb, 58.6 GiB, serial AA00", safe to print.
std::string disk_text(const Device& disk);

/// Why a USB device stays with the host for the sake of its disk, to follow its name: "stays with
/// the host, as its disk /dev/sdb is for ...".
std::string claim_text(const DiskClaim& claim);

} // namespace usb_hotplug
