// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The two things a device unit does: give the device to the guest that gets it now, and take it
// back. Neither logs; the worker's main reports what they return.

#pragma once

#include "base/fields.h"
#include "base/result.h"
#include "service/world.h"

#include <chrono>
#include <functional>
#include <string>

namespace usb_hotplug {

/// What starting a device unit came to. The first two leave the unit active; the others skip it.
enum class StartKind {
    Attached,
    AlreadyAttached,
    Waiting,       ///< guests want it, none can take it now
    Nobody,        ///< no guest wants it
    DeviceGone,    ///< unplugged meanwhile
    NotAuthorised, ///< usbguard or the like keeps it from being used
    HasOtherwise,  ///< the guest has it, attached by somebody else
};

/// What stopping one came to.
enum class StopKind {
    NothingToDo, ///< start did nothing
    Returned,    ///< the host has it again
    DeviceGone,  ///< unplugged; the guest has it no more
    CutOff,      ///< the host has the disk again, and the guest one that only fails
};

template <class Kind>
struct Report {
    Kind kind;
    std::string text; ///< a sentence for the journal and for the unit's status
    Fields fields;
};

using StartReport = Report<StartKind>;
using StopReport = Report<StopKind>;

/// Waits; true when the wait was cut short because the program is asked to end.
using Pause = std::function<bool(std::chrono::milliseconds)>;

/// Gives the device to the first guest in line. What may pass (a hypervisor that is not there yet,
/// a refusal) is tried again for some seconds as long as the device exists; an Error is what stays.
/// Its code is EBUSY when it would be the same again until somebody makes room: a program of the
/// host or another guest has the device, or the guest has no free port.
/// `fields` is filled as soon as the device and the guest are known, for the report of an Error.
Result<StartReport> start_device(World& world, const std::string& node, const Pause& pause,
                                 Fields& fields);

/// Undoes what start_device did, from its record alone, and waits until the host's drivers have the
/// device again. Does nothing when there is no record.
Result<StopReport> stop_device(World& world, const std::string& node, const Pause& pause,
                               Fields& fields);

/// Takes a disk back from a guest that did not let go of it, at the cost of what the guest has not
/// written yet. It stays with the host. The record remains until the guest lets go of what is left,
/// or is off.
Result<StopReport> cut_off_disk(World& world, const Device& disk);

} // namespace usb_hotplug
