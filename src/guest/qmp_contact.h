// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The first step to a monitor: whether somebody listens at the socket, and who.

#pragma once

#include "base/handles.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace usb_hotplug {

struct QmpContact {
    enum Kind {
        Nobody,  ///< no socket, or nobody listens there: one that a killed QEMU left behind
        Queued,  ///< somebody listens, but as many wait already as may
        Reached, ///< connected, though QEMU may be serving somebody else
    } kind = Nobody;
    UniqueFd socket; ///< where Reached; never blocks
    pid_t pid = 0;   ///< who listens; 0 where the kernel does not say
    std::uint64_t identity =
        0; ///< tells the socket from one that is made anew; 0 where there is none
};

/// Connects and returns at once. An error is what does not pass by itself: no socket but something
/// else, or no right to connect.
Result<QmpContact> contact_qmp(const std::string& path);

} // namespace usb_hotplug
