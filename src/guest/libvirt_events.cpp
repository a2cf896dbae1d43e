// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The contract is in include/libvirt/libvirt-event.h. Two points shape this file: the same
// descriptor may be watched several times, which epoll refuses, so every watch has its own
// duplicate; and the free callback must not be called from inside a removal, so that is deferred to
// the next turn of the loop.

#include "guest/libvirt_events.h"

#include "base/handles.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <map>
#include <memory>
#include <sys/epoll.h>

namespace usb_hotplug {

namespace {

using Source = Handle<sd_event_source, sd_event_source_disable_unref>;

struct Watch {
    int fd = -1; ///< as libvirt knows it
    UniqueFd own_fd;
    virEventHandleCallback callback = nullptr;
    void* opaque = nullptr;
    virFreeCallback free = nullptr;
    Source source;
};

struct Timer {
    std::uint64_t interval_us = 0;
    virEventTimeoutCallback callback = nullptr;
    void* opaque = nullptr;
    virFreeCallback free = nullptr;
    Source source;
};

/// What waits for the next turn of the loop: a free callback, and the source that calls it.
struct Deferred {
    virFreeCallback free = nullptr;
    void* opaque = nullptr;
    Source source;
};

// libvirt's interface has no place for a context pointer.
struct Loop {
    sd_event* event = nullptr;
    int next_id = 1;
    std::map<int, Watch> watches;
    std::map<int, Timer> timers;
    std::map<int, Deferred> deferred;
} loop; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void* as_pointer(int id) {
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(id));
}

int as_id(void* pointer) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(pointer));
}

std::uint32_t to_epoll(int events) {
    const auto bits = static_cast<unsigned>(events);
    std::uint32_t mask = 0;
    mask |= (bits & VIR_EVENT_HANDLE_READABLE) != 0 ? std::uint32_t{EPOLLIN} : 0U;
    mask |= (bits & VIR_EVENT_HANDLE_WRITABLE) != 0 ? std::uint32_t{EPOLLOUT} : 0U;
    return mask;
}

int from_epoll(std::uint32_t mask) {
    int events = 0;
    const auto add = [&](std::uint32_t bit, int event) {
        if ((mask & bit) != 0) {
            events |= event;
        }
    };
    add(EPOLLIN, VIR_EVENT_HANDLE_READABLE);
    add(EPOLLOUT, VIR_EVENT_HANDLE_WRITABLE);
    add(EPOLLERR, VIR_EVENT_HANDLE_ERROR);
    add(EPOLLHUP, VIR_EVENT_HANDLE_HANGUP);
    return events;
}

int on_io(sd_event_source* /*source*/, int /*fd*/, std::uint32_t revents, void* data) {
    const auto found = loop.watches.find(as_id(data));
    if (found != loop.watches.end()) {
        // A copy: the callback may remove its own watch.
        const auto callback = found->second.callback;
        callback(found->first, found->second.fd, from_epoll(revents), found->second.opaque);
    }
    return 0;
}

/// libvirt disables a watch with an empty mask, and then wants no event at all, not even a hang-up.
void enable(Watch& watch, int events) {
    (void)sd_event_source_set_io_events(watch.source.get(), to_epoll(events));
    (void)sd_event_source_set_enabled(watch.source.get(), events == 0 ? SD_EVENT_OFF : SD_EVENT_ON);
}

int add_handle(int fd, int events, virEventHandleCallback callback, void* opaque,
               virFreeCallback free) {
    Watch watch;
    watch.own_fd = UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    const int id = loop.next_id++;
    sd_event_source* raw = nullptr;
    if (!watch.own_fd || sd_event_add_io(loop.event, &raw, watch.own_fd.get(), to_epoll(events),
                                         on_io, as_pointer(id)) < 0) {
        return -1;
    }
    watch.source.reset(raw);
    watch.fd = fd;
    watch.callback = callback;
    watch.opaque = opaque;
    watch.free = free;
    enable(watch, events);
    loop.watches.emplace(id, std::move(watch));
    return id;
}

void update_handle(int id, int events) {
    const auto found = loop.watches.find(id);
    if (found != loop.watches.end()) {
        enable(found->second, events);
    }
}

int on_deferred(sd_event_source* /*source*/, void* data) {
    const auto found = loop.deferred.find(as_id(data));
    if (found != loop.deferred.end()) {
        const Deferred deferred = std::move(found->second);
        loop.deferred.erase(found);
        deferred.free(deferred.opaque);
    }
    return 0;
}

void free_later(virFreeCallback free, void* opaque) {
    if (free == nullptr) {
        return;
    }
    const int id = loop.next_id++;
    sd_event_source* raw = nullptr;
    if (sd_event_add_defer(loop.event, &raw, on_deferred, as_pointer(id)) >= 0) {
        loop.deferred.emplace(id, Deferred{free, opaque, Source(raw)});
    }
}

int remove_handle(int id) {
    const auto found = loop.watches.find(id);
    if (found == loop.watches.end()) {
        return -1;
    }
    free_later(found->second.free, found->second.opaque);
    loop.watches.erase(found);
    return 0;
}

void arm(Timer& timer) {
    (void)sd_event_source_set_time_relative(timer.source.get(), timer.interval_us);
    (void)sd_event_source_set_enabled(timer.source.get(), SD_EVENT_ONESHOT);
}

int on_time(sd_event_source* /*source*/, std::uint64_t /*usec*/, void* data) {
    const auto found = loop.timers.find(as_id(data));
    if (found != loop.timers.end()) {
        arm(found->second);
        const auto callback = found->second.callback;
        callback(found->first, found->second.opaque);
    }
    return 0;
}

/// -1 disables a timer, 0 means every turn of the loop.
void set_interval(Timer& timer, int milliseconds) {
    if (milliseconds < 0) {
        (void)sd_event_source_set_enabled(timer.source.get(), SD_EVENT_OFF);
        return;
    }
    timer.interval_us = static_cast<std::uint64_t>(milliseconds) * 1000;
    arm(timer);
}

int add_timeout(int milliseconds, virEventTimeoutCallback callback, void* opaque,
                virFreeCallback free) {
    const int id = loop.next_id++;
    sd_event_source* raw = nullptr;
    if (sd_event_add_time_relative(loop.event, &raw, CLOCK_MONOTONIC, 0, 0, on_time,
                                   as_pointer(id)) < 0) {
        return -1;
    }
    Timer timer;
    timer.callback = callback;
    timer.opaque = opaque;
    timer.free = free;
    timer.source.reset(raw);
    set_interval(timer, milliseconds);
    loop.timers.emplace(id, std::move(timer));
    return id;
}

void update_timeout(int id, int milliseconds) {
    const auto found = loop.timers.find(id);
    if (found != loop.timers.end()) {
        set_interval(found->second, milliseconds);
    }
}

int remove_timeout(int id) {
    const auto found = loop.timers.find(id);
    if (found == loop.timers.end()) {
        return -1;
    }
    free_later(found->second.free, found->second.opaque);
    loop.timers.erase(found);
    return 0;
}

} // namespace

Result<> register_libvirt_events(sd_event* event) {
    if (loop.event != nullptr) {
        return fail("libvirt's events are registered already", EALREADY);
    }
    loop.event = event;
    virEventRegisterImpl(add_handle, update_handle, remove_handle, add_timeout, update_timeout,
                         remove_timeout);
    return {};
}

} // namespace usb_hotplug
