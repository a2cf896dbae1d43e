// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What an interrupted stop, or a worker that was killed, left behind: a record without a unit that
// would end it, an alias of ours without a record.

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "paths.h"
#include "watcher/watcher.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <spawn.h>
#include <unistd.h>

namespace usb_hotplug {

namespace {

constexpr const char* worker = USB_HOTPLUG_WORKER_FOLDER "/usb-hotplug-worker";
/// After a worker that could not: what hinders it takes a while to pass.
constexpr std::uint64_t next_try_us = 30'000'000;
constexpr auto stray_limit = std::chrono::seconds(5);

/// Starts a program with the signals as they are at first, not blocked as they are here. An errno
/// value on failure.
int spawn(const char* program, const char* verb, const std::string& node, pid_t& pid) {
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::string words[] = {program, verb, node};
    char* const arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    // The status of the unit is ours to say.
    std::vector<char*> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (!std::string_view(*variable).starts_with("NOTIFY_SOCKET=")) {
            environment.push_back(*variable);
        }
    }
    environment.push_back(nullptr);
    const int error =
        posix_spawn(&pid, program, nullptr, &attributes, arguments, environment.data());
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

} // namespace

bool Watcher::settled_idle(const std::string& unit) const {
    const auto now = systemd_->state(unit);
    return now && now->is_idle();
}

void Watcher::remove_leftovers(const Scene& scene) {
    for (const AttachRecord& record : scene.records) {
        const auto known = scene.units.find(device_unit_of(record.instance));
        // The guest knows that it should let go; nobody waits for it any more.
        const bool waits = record.cut_off && std::find(scene.aliases.begin(), scene.aliases.end(),
                                                       record.alias) != scene.aliases.end();
        const bool idle = known == scene.units.end() || known->second.is_idle();
        // The look took time: a unit that is starting by now has a record of its own.
        if (idle && !waits && settled_idle(device_unit_of(record.instance))) {
            take_out(record.instance);
        }
    }
    remove_strays(scene);
}

/// By a worker, as the unit would: a guest that does not answer must not hold up the watcher.
void Watcher::take_out(const std::string& instance) {
    const auto node = unescape_path(instance);
    const bool under_way = std::any_of(taking_out_.begin(), taking_out_.end(),
                                       [&](const auto& w) { return w.second.first == instance; });
    if (!node || under_way) {
        return;
    }
    log(Level::Info, message_id::left_behind,
        "Nothing holds " + *node + " for " + name_ + " any more; taking it back",
        {{field::guest, name_}, {field::device, *node}});
    pid_t pid = 0;
    const int error = spawn(worker, "detach", *node, pid);
    if (error != 0) {
        log(Level::Error, message_id::detach_failed,
            std::string("Cannot start ") + worker + ": " + std::strerror(error),
            {{field::guest, name_}, {field::device, *node}});
        return;
    }
    sd_event_source* source = nullptr;
    (void)sd_event_add_child(event_.get(), &source, pid, WEXITED, on_taken_out, this);
    taking_out_.emplace(pid, std::pair{instance, Source(source)});
}

int Watcher::on_taken_out(sd_event_source* /*source*/, const siginfo_t* info, void* self) {
    auto* watcher = static_cast<Watcher*>(self);
    const auto done = watcher->taking_out_.find(info->si_pid);
    if (done == watcher->taking_out_.end()) {
        return 0;
    }
    // Nobody has stopped it by hand.
    (void)State(state_folder()).remove_mark(Mark::Released, done->second.first);
    watcher->taking_out_.erase(done);
    if (info->si_code == CLD_EXITED && info->si_status == 0) {
        watcher->wake(0);
    } else {
        watcher->look_again_in(next_try_us);
    }
    return 0;
}

/// Aliases of ours that belong to nobody: a record is written before, and removed after. What a
/// unit that is not idle has to do with one, is its own affair.
void Watcher::remove_strays(const Scene& scene) {
    for (const std::string& alias : scene.aliases) {
        const bool has_record =
            std::any_of(scene.records.begin(), scene.records.end(),
                        [&](const AttachRecord& record) { return record.alias == alias; });
        const bool has_unit =
            std::any_of(scene.units.begin(), scene.units.end(), [&](const auto& u) {
                const auto node = node_of_device_unit(u.first);
                return node && alias_of(escape_path(*node)) == alias && !u.second.is_idle();
            });
        if (has_record || has_unit) {
            continue;
        }
        const auto detached = backend_->detach(alias, stray_limit);
        const bool out = detached && *detached != DetachOutcome::NoAnswer;
        log(out ? Level::Warning : Level::Error,
            out ? message_id::left_behind : message_id::detach_failed,
            out ? "Took " + printable(alias) + " out of " + name_ + ": no unit was behind it"
                : "Cannot take " + printable(alias) + " out of " + name_ +
                      ", though no unit is behind it" +
                      (detached ? "; the guest does not let go" : ": " + detached.error().message),
            {{field::guest, name_}});
    }
}

} // namespace usb_hotplug
