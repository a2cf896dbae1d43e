// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplug-worker: what a device unit runs when it starts and stops. See
// usb-hotplug@.service(8).
//
// `attach` decides and attaches in one process, run as ExecCondition=: its exit status is the
// unit's fate. 0 leaves the unit active, 1 to 254 skip it, 255 fails it (systemd.service(5)).

#include "base/log.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "host/devices.h"
#include "service/attach.h"
#include "service/order.h"
#include "version.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string_view>
#include <systemd/sd-daemon.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace usb_hotplug;

// Documented in usb-hotplug@.service(8).
constexpr int exit_usage = 2;
constexpr int exit_waiting = 10;
constexpr int exit_nobody = 11;
constexpr int exit_device_gone = 12;
constexpr int exit_not_authorised = 13;
constexpr int exit_has_otherwise = 14;
constexpr int exit_failed = 255;

constexpr const char* help = "usb-hotplug-worker VERB NODE\n\n"
                             "Gives a USB device to a virtual machine, or takes it back. Run by\n"
                             "usb-hotplug@.service; see usb-hotplug@.service(8).\n\n"
                             "  attach NODE   Give /dev/bus/usb/BBB/DDD to the guest that gets it\n"
                             "  detach NODE   Take it back; nothing to take back is success\n"
                             "  order ORDER   Do what usb-hotplugctl asked for\n\n"
                             "  -h --help     Show this help\n"
                             "     --version  Show the version";

/// SIGTERM does not cut off a call to libvirt, which would then attach with nobody to know; it ends
/// the pauses between calls instead, and systemd's stop takes back what was attached.
sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

bool pause_until_signal(std::chrono::milliseconds length) {
    const sigset_t signals = ending_signals();
    const timespec wait = {static_cast<time_t>(length.count() / 1000),
                           static_cast<long>(length.count() % 1000) * 1000000L};
    return sigtimedwait(&signals, nullptr, &wait) > 0;
}

/// A call to libvirt has no limit of its own: when the guest's QEMU hangs, it returns when that
/// goes on, or never.
constexpr auto answer_limit = std::chrono::seconds(60);

void say(Level level, std::string_view id, const std::string& text, const Fields& fields) {
    log(level, id, text, fields);
    (void)sd_notifyf(0, "STATUS=%s", text.c_str());
}

struct StartWords {
    int exit_status;
    Level level;
    std::string_view id;
};

StartWords words_of(StartKind kind) {
    switch (kind) {
    case StartKind::Attached:
    case StartKind::AlreadyAttached:
        return {0, Level::Info, message_id::attached};
    case StartKind::Waiting:
        return {exit_waiting, Level::Info, message_id::waiting};
    case StartKind::Nobody:
        return {exit_nobody, Level::Info, message_id::waiting};
    case StartKind::DeviceGone:
        return {exit_device_gone, Level::Info, message_id::device_gone};
    case StartKind::NotAuthorised:
        return {exit_not_authorised, Level::Notice, message_id::waiting};
    case StartKind::HasOtherwise:
        return {exit_has_otherwise, Level::Notice, message_id::waiting};
    }
    return {exit_failed, Level::Error, message_id::attach_failed};
}

/// For usb-hotplugctl and the watcher: systemd forgets a failed unit as soon as nothing refers to
/// it. `failed` or `blocked` is null where it does not apply.
void remember(World& world, const std::string& node, const std::string* failed,
              const std::string* blocked) {
    const auto device = find_device(node);
    if (!device || !*device) {
        return;
    }
    for (const auto& [mark, text] :
         {std::pair{Mark::Failed, failed}, std::pair{Mark::Blocked, blocked}}) {
        (void)(text == nullptr ? world.state().remove_mark(mark, escape_path(node))
                               : world.state().write_mark(mark, escape_path(node), *text,
                                                          plug_id((*device)->syspath)));
    }
}

/// Ends the program when it has not ended in time, from a thread of its own, as the first one is in
/// a call. What the call may still do is seen to by ExecStopPost=, and by the watcher.
void end_in_time(const std::string& node, bool attaching) {
    std::thread([=] {
        std::this_thread::sleep_for(answer_limit);
        const State state(state_folder());
        const auto record = state.read_record(escape_path(node));
        const std::string guest = record && *record ? (*record)->guest : "The hypervisor";
        const std::string text =
            guest + " has not answered for " + std::to_string(answer_limit.count()) + " s, so it " +
            (attaching ? "did not get " : "still has ") + node +
            "; its QEMU or libvirt hangs or is busy. When that is over, the watcher sees to it, or "
            "'systemctl restart " +
            device_unit(node) + "'";
        say(Level::Error, attaching ? message_id::attach_failed : message_id::detach_failed, text,
            {{field::device, node}, {field::guest, guest}});
        std::fflush(nullptr);
        _exit(attaching ? exit_failed : 1);
    }).detach();
}

int attach(const std::string& node) {
    World world;
    for (const ConfigError& error : world.configuration().errors) {
        log(Level::Warning, message_id::configuration_broken, error.text(),
            {{field::device, node}, {field::guest, error.guest}});
    }
    Fields fields;
    const auto report = start_device(world, node, pause_until_signal, fields);
    if (!report) {
        const Error& error = report.error();
        say(Level::Error, message_id::attach_failed, error.message, fields);
        remember(world, node, &error.message, error.code == EBUSY ? &error.message : nullptr);
        return exit_failed;
    }
    if (report->kind == StartKind::HasOtherwise) {
        remember(world, node, nullptr, &report->text);
    }
    const StartWords words = words_of(report->kind);
    say(words.level, words.id, report->text, report->fields);
    return words.exit_status;
}

/// After a worker that was killed or failed (systemd.exec(5), $SERVICE_RESULT). Nobody asked for a
/// stop then, so the device is not released.
bool is_clean_up() {
    const char* result = std::getenv("SERVICE_RESULT");
    return result != nullptr && std::string_view(result) != "success";
}

int detach(const std::string& node) {
    World world;
    Fields fields;
    const auto report = stop_device(world, node, pause_until_signal, fields);
    if (report && report->kind != StopKind::NothingToDo && is_clean_up()) {
        (void)world.state().remove_mark(Mark::Released, escape_path(node));
    }
    if (!report) {
        say(Level::Error, message_id::detach_failed, report.error().message, fields);
        return 1;
    }
    // Nothing to do is also what follows a skipped start, whose status shall stay to be read.
    if (report->kind != StopKind::NothingToDo) {
        say(Level::Info,
            report->kind == StopKind::Returned ? message_id::returned : message_id::device_gone,
            report->text, report->fields);
    }
    return 0;
}

/// For somebody without root's rights, who reads the answer.
int order(const std::string& instance) {
    const auto order = parse_order(instance);
    if (!order) {
        std::fprintf(stderr, "usb-hotplug-worker: '%s' is no order\n",
                     printable(instance, 256).c_str());
        return exit_usage;
    }
    World world;
    const Outcome outcome = carry_out(world, *order);
    for (const std::string& complaint : outcome.complaints) {
        std::fprintf(stderr, "%s\n", complaint.c_str());
    }
    const auto written = world.state().write_answer(instance, outcome);
    if (!written) {
        std::fprintf(stderr, "%s\n", written.error().message.c_str());
    }
    return written ? 0 : 1;
}

int run(int argc, char** argv) {
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "--help" || verb == "-h") {
        std::puts(help);
        return 0;
    }
    if (verb == "--version") {
        std::puts("usb-hotplug " USB_HOTPLUG_VERSION);
        return 0;
    }
    if (argc == 3 && verb == "order") {
        return order(argv[2]);
    }
    if (argc != 3 || (verb != "attach" && verb != "detach") || argv[2][0] != '/') {
        std::fputs("usb-hotplug-worker: expected a verb, attach or detach, and a device node, "
                   "or order and an order; see --help\n",
                   stderr);
        return exit_usage;
    }
    const sigset_t signals = ending_signals();
    (void)sigprocmask(SIG_BLOCK, &signals, nullptr);
    end_in_time(argv[2], verb == "attach");
    return verb == "attach" ? attach(argv[2]) : detach(argv[2]);
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        log(Level::Error, message_id::attach_failed,
            std::string("usb-hotplug-worker: ") + error.what());
        return exit_failed;
    }
}
