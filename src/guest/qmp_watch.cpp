// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/qmp_watch.h"

#include "base/text.h"

#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace usb_hotplug {

namespace {

/// Between two looks at a socket that does not answer yet.
constexpr auto soon = std::chrono::milliseconds(100);

constexpr std::uint32_t mask = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB |
                               IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/// What says that the folder itself is not where it was.
constexpr std::uint32_t folder_gone =
    IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT | IN_Q_OVERFLOW;

/// "/run" and "win10.qmp" of "/run/win10.qmp".
std::pair<std::string, std::string> cut(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

} // namespace

Result<std::unique_ptr<QmpWatch>> QmpWatch::open(sd_event* event, std::string path,
                                                 std::function<void(GuestEvent)> callback,
                                                 const QmpSettings& settings) {
    std::unique_ptr<QmpWatch> watch(
        new QmpWatch(event, std::move(path), std::move(callback), settings));
    sd_event_source* timer = nullptr;
    const int r =
        sd_event_add_time_relative(event, &timer, CLOCK_MONOTONIC, 0, 1000, on_timer, watch.get());
    if (r < 0) {
        return fail(std::string("Cannot make a timer: ") + std::strerror(-r), -r);
    }
    watch->timer_.reset(timer);
    (void)sd_event_source_set_enabled(timer, SD_EVENT_OFF);
    // The folder first, so that nothing happens in between.
    if (auto watched = watch->watch_folder(); !watched) {
        return forward(watched);
    }
    auto found = watch->find();
    if (!found) {
        return forward(found);
    }
    watch->guest_ = *found;
    watch->watch_process();
    return watch;
}

/// True when the folder is there, and watched.
Result<bool> QmpWatch::watch_one(const std::string& folder, std::string below) {
    sd_event_source* source = nullptr;
    const int r = sd_event_add_inotify(event_, &source, folder.c_str(), mask, on_folder, this);
    if (r == -ENOENT || r == -ENOTDIR) {
        return false;
    }
    if (r < 0) {
        return fail("Cannot watch the folder " + printable(folder) +
                        " of a QMP socket: " + std::strerror(-r) +
                        (r == -EACCES ? ". Without capabilities even root needs the group's or "
                                        "everybody's right to read it"
                                      : ""),
                    -r);
    }
    folder_source_.reset(source);
    folder_ = folder;
    below_ = std::move(below);
    return true;
}

/// Watches the folder of the socket, or the nearest above it that exists.
Result<> QmpWatch::watch_folder() {
    folder_source_.reset();
    auto [folder, below] = cut(path_);
    for (;;) {
        auto watched = watch_one(folder, below);
        if (!watched) {
            return forward(watched);
        }
        // The next one below may have been made before this one was watched.
        const bool is_deepest = folder == cut(path_).first;
        if (*watched && !is_deepest && access((folder + "/" + below).c_str(), F_OK) == 0) {
            std::tie(folder, below) = cut(path_);
            continue;
        }
        if (*watched || folder == "/") {
            return {};
        }
        std::tie(folder, below) = cut(folder);
    }
}

int QmpWatch::on_folder(sd_event_source* /*source*/, const inotify_event* event, void* self) {
    auto* watch = static_cast<QmpWatch*>(self);
    const bool gone = (event->mask & folder_gone) != 0;
    if (!gone && (event->len == 0 || watch->below_ != event->name)) {
        return 0;
    }
    if (gone || watch->folder_ != cut(watch->path_).first) {
        if (auto watched = watch->watch_folder(); !watched) {
            watch->callback_(GuestEvent::Lost);
            return 0;
        }
    }
    watch->begin_settling();
    watch->look();
    return 0;
}

int QmpWatch::on_process(sd_event_source* /*source*/, int /*fd*/, std::uint32_t /*events*/,
                         void* self) {
    auto* watch = static_cast<QmpWatch*>(self);
    watch->ended_ = watch->guest_ ? watch->guest_->pid : 0;
    watch->process_source_.reset();
    watch->process_.reset();
    watch->begin_settling();
    watch->look();
    return 0;
}

int QmpWatch::on_timer(sd_event_source* /*source*/, std::uint64_t /*usec*/, void* self) {
    static_cast<QmpWatch*>(self)->look();
    return 0;
}

void QmpWatch::look_in(std::chrono::microseconds delay) {
    (void)sd_event_source_set_time_relative(timer_.get(),
                                            static_cast<std::uint64_t>(delay.count()));
    (void)sd_event_source_set_enabled(timer_.get(), SD_EVENT_ONESHOT);
}

/// Who listens now; nothing when nobody does.
Result<std::optional<QmpWatch::Guest>> QmpWatch::find() {
    const auto contact = contact_qmp(path_);
    if (!contact) {
        return fail(contact.error().message, contact.error().code);
    }
    if (contact->kind == QmpContact::Nobody) {
        return std::nullopt;
    }
    return Guest{contact->pid == ended_ ? 0 : contact->pid, contact->identity};
}

void QmpWatch::look() {
    (void)sd_event_source_set_enabled(timer_.get(), SD_EVENT_OFF);
    const auto now = find();
    if (!now && !is_settling()) {
        callback_(GuestEvent::Lost);
        return;
    }
    if (now) {
        change(*now);
    }
    const bool waits = !now || (!guest_ && access(path_.c_str(), F_OK) == 0);
    if (waits && is_settling()) {
        look_in(soon);
    }
}

void QmpWatch::begin_settling() {
    settled_ = std::chrono::steady_clock::now() + settings_.settling;
}

bool QmpWatch::is_settling() const {
    return std::chrono::steady_clock::now() < settled_;
}

void QmpWatch::change(std::optional<Guest> now) {
    const bool same = guest_ && now && guest_->is(*now);
    const bool had = guest_.has_value();
    if (same && (process_ || now->pid == 0)) {
        now = guest_;
    }
    guest_ = now;
    if (!same && had) {
        callback_(GuestEvent::Stopped);
    }
    if (!same && now) {
        callback_(GuestEvent::Started);
    }
    watch_process();
}

/// Hears of the end of the process that listens. One that is not known, as when somebody made the
/// socket for QEMU or QEMU is in a container that we cannot look into, is asked after.
void QmpWatch::watch_process() {
    if (!guest_ || guest_->pid != 0) {
        process_source_.reset();
        process_.reset();
    }
    if (!guest_) {
        return;
    }
    if (guest_->pid != 0) {
        process_.reset(static_cast<int>(syscall(SYS_pidfd_open, guest_->pid, 0)));
        sd_event_source* source = nullptr;
        if (process_ &&
            sd_event_add_io(event_, &source, process_.get(), EPOLLIN, on_process, this) >= 0) {
            process_source_.reset(source);
            return;
        }
        process_.reset();
    }
    look_in(settings_.look);
}

} // namespace usb_hotplug
