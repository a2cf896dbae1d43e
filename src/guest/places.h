// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a domain has already that is in the way of what it shall get.

#pragma once

#include "guest/domain_xml.h"

#include <optional>

namespace usb_hotplug {

using AttachmentSource = decltype(Attachment::source);

/// Whether a domain has the device, or anything of the disk, by whatever link it is named.
bool has_source(const DomainDevices& devices, const AttachmentSource& source);

/// What the domain has no more of, of what the source needs; nothing when it has.
std::optional<AttachOutcome> taken_place(const DomainDevices& devices,
                                         const AttachmentSource& source);

} // namespace usb_hotplug
