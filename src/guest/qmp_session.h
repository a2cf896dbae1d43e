// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A conversation with a monitor: greeting, negotiation, commands one at a time.

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "guest/qmp.h"
#include "guest/qmp_messages.h"

#include <chrono>
#include <deque>
#include <optional>
#include <string>

namespace usb_hotplug {

class QmpSession {
public:
    using Clock = std::chrono::steady_clock;

    /// Connects and negotiates. Nothing when nobody listens. An error, EAGAIN, when no greeting
    /// comes: somebody else has the monitor, or QEMU hangs.
    static Result<std::optional<QmpSession>> open(const std::string& path,
                                                  const QmpSettings& settings);

    /// Runs a command, and sends a descriptor along where there is one. What QEMU refuses is no
    /// error. No answer before the call's limit is one (ETIMEDOUT), and so is the end of the
    /// connection (ECONNRESET).
    Result<QmpReply> execute(const char* command,
                             nlohmann::json arguments = nlohmann::json::object(), int fd = -1);

    /// Waits for QEMU to say that a device is gone, or said before; true when it did.
    Result<bool> wait_deleted(const std::string& id, Clock::time_point until);

    /// Gives the call more time, which detach() needs to wait for the guest.
    void extend(std::chrono::seconds more) { end_ += more; }

private:
    QmpSession(UniqueFd socket, std::string path, Clock::time_point end)
        : socket_(std::move(socket)), path_(std::move(path)), end_(end) {}

    Result<> negotiate(Clock::time_point greeting_end);
    Result<> send(std::string_view text, int fd);
    Result<std::optional<nlohmann::json>> receive(Clock::time_point until);
    [[nodiscard]] tl::unexpected<Error> failure(const std::string& what, int code) const;

    UniqueFd socket_;
    std::string path_;
    Clock::time_point end_;
    QmpReader reader_;
    std::deque<std::string> deleted_; ///< what events said meanwhile
    int last_id_ = 0;
};

} // namespace usb_hotplug
