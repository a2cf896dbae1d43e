// SPDX-License-Identifier: LGPL-2.1-or-later
//
// When a guest comes and goes, without a connection to its monitor, which would keep all others
// away from it: the folder of the socket is watched (inotify(7)), and the process that listens
// (pidfd_open(2)).

#pragma once

#include "base/handles.h"
#include "base/result.h"
#include "guest/backend.h"
#include "guest/qmp.h"
#include "guest/qmp_contact.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <systemd/sd-event.h>

namespace usb_hotplug {

class QmpWatch {
public:
    /// Calls back with Started and Stopped from then on, and with Lost when the socket cannot be
    /// reached for a reason that does not pass.
    static Result<std::unique_ptr<QmpWatch>> open(sd_event* event, std::string path,
                                                  std::function<void(GuestEvent)> callback,
                                                  const QmpSettings& settings);

private:
    using Source = Handle<sd_event_source, sd_event_source_disable_unref>;

    /// Somebody who listens.
    struct Guest {
        pid_t pid = 0; ///< 0 where the end of no process tells its end
        std::uint64_t identity = 0;

        /// A process that is not known may be the same.
        [[nodiscard]] bool is(const Guest& other) const {
            return identity == other.identity && (pid == other.pid || pid == 0 || other.pid == 0);
        }
    };

    QmpWatch(sd_event* event, std::string path, std::function<void(GuestEvent)> callback,
             const QmpSettings& settings)
        : event_(event),
          path_(std::move(path)),
          callback_(std::move(callback)),
          settings_(settings) {}

    Result<> watch_folder();
    Result<bool> watch_one(const std::string& folder, std::string below);
    void look();
    Result<std::optional<Guest>> find();
    void change(std::optional<Guest> now);
    void watch_process();
    void look_in(std::chrono::microseconds delay);
    [[nodiscard]] bool is_settling() const;
    void begin_settling();

    static int on_folder(sd_event_source* source, const inotify_event* event, void* self);
    static int on_process(sd_event_source* source, int fd, std::uint32_t events, void* self);
    static int on_timer(sd_event_source* source, std::uint64_t usec, void* self);

    sd_event* event_;
    std::string path_;
    std::function<void(GuestEvent)> callback_;
    QmpSettings settings_;
    std::string folder_; ///< that is watched: the socket's, or the nearest above it that exists
    std::string below_;  ///< the name in it that matters
    Source folder_source_;
    UniqueFd process_;
    Source process_source_;
    Source timer_;
    std::optional<Guest> guest_;
    pid_t ended_ =
        0; ///< the process that has ended last, which may have left the socket to another
    /// Until when a socket that does not answer is looked at again.
    std::chrono::steady_clock::time_point settled_;
};

} // namespace usb_hotplug
