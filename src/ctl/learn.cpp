// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl learn: appends a rule for a device to a guest's file.

#include "base/edited_file.h"
#include "base/file.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "host/answers.h"
#include "host/devices.h"
#include "learn/append.h"
#include "service/situation.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace usb_hotplug::ctl {

namespace {

/// What a guest's file is, and what it will be.
struct Files {
    EditedFile own;     ///< in /etc; perhaps not there yet
    std::string source; ///< the file in force, if it is another one; else empty
    std::string content;
};

std::string file_in(const std::string& folder, const std::string& guest) {
    return folder + "/" + guest + ".toml";
}

/// A link to /dev/null takes the guest out, and a rule would undo that in silence.
bool takes_guest_out(const std::string& path) {
    std::error_code error;
    return std::filesystem::read_symlink(path, error) == "/dev/null";
}

tl::unexpected<Error> taken_out(const std::string& path) {
    return fail("The guest is taken out by " + path +
                    ", a link to /dev/null; remove the link to have the guest back",
                exit_no_guest);
}

Result<Files> open_files(const std::string& guest) {
    const std::vector<std::string> folders = configuration_folders();
    const std::string path = file_in(folders.front(), guest);
    if (takes_guest_out(path)) {
        return taken_out(path);
    }
    auto own = EditedFile::open(path, configuration_file_max);
    if (!own) {
        const bool denied = own.error().code == EACCES || own.error().code == EPERM;
        return fail(own.error().message + (denied ? "; are you root?" : ""), exit_failure);
    }
    Files files = {std::move(*own), "", ""};
    files.content = files.own.content();
    for (std::size_t i = 1; i < folders.size() && !files.own.exists() && files.source.empty();
         ++i) {
        const std::string other = file_in(folders[i], guest);
        if (takes_guest_out(other)) {
            return taken_out(other);
        }
        auto content = read_file(other, configuration_file_max);
        if (content) {
            files.source = other;
            files.content = std::move(*content);
        } else if (content.error().code != ENOENT) {
            return fail(content.error().message, exit_failure);
        }
    }
    return files;
}

/// Why nothing was added, and the exit status for it.
int refuse(const std::string& guest, const Files& files, const Addition& addition) {
    const auto by = [&](const char* kind) { return rule_text(addition.guest, addition.by, kind); };
    switch (addition.kind) {
    case Addition::Added:
        return exit_success;
    case Addition::Broken:
        return complain("The configuration of guest " + guest + " is broken; nothing was added:\n" +
                            addition.problem,
                        exit_no_guest);
    case Addition::AlreadyWanted:
        return complain(guest + " wants the device already, by " + by("usb") +
                        "; nothing was added");
    case Addition::Excepted:
        return complain(guest + " would not get the device: " + by("except") +
                        " keeps it away; nothing was added");
    case Addition::NotPossible:
        return complain("Cannot add a rule to the end of " + files.own.path() +
                        "; nothing was changed:\n" + addition.problem);
    }
    return exit_failure;
}

void say_what_is_new(const std::string& guest, const Files& files, std::uint32_t line,
                     const std::string& rule) {
    const std::string& path = files.own.path();
    if (!files.source.empty()) {
        std::printf("Copied %s to %s, which takes its place\n", files.source.c_str(), path.c_str());
    } else if (!files.own.exists()) {
        std::printf("Made %s, as there was no guest '%s'\n", path.c_str(), guest.c_str());
    }
    std::printf("Added to %s, line %u:\n\n%s\n", path.c_str(), line, rule.c_str());
}

void say_what_is_next(const std::string& guest, const Device& device) {
    World world;
    for (const Verdict& verdict : world.decision(device).verdicts) {
        if (verdict.guest->name == guest) {
            break;
        }
        if (verdict.wanted()) {
            std::printf("Note: %s wants the device, too, and comes first when it is running\n",
                        verdict.guest->name.c_str());
        }
    }
    const std::string target = guest_target(guest);
    const auto systemd = world.systemd();
    const auto on = systemd ? (*systemd)->is_on(target) : Result<bool>(true);
    if (on && !*on) {
        std::printf("The guest is not enabled: run 'systemctl enable --now %s'\n", target.c_str());
    } else {
        // A watcher that has failed cannot be reloaded.
        std::printf("To give it the device now, plug it in again or run 'systemctl "
                    "reload-or-restart %s'\n",
                    guest_watcher_unit(guest).c_str());
    }
}

Addition add(const std::string& guest, const Files& files, const Device& device,
             const std::string& rule) {
    // Peer and drivers, whichever rules ask: those of the file as it will be are not known yet.
    World world;
    Device answered = device;
    answer({true, true}, world.state(), answered);
    return add_rule(guest, files.source.empty() ? files.own.path() : files.source, files.content,
                    rule, answered);
}

} // namespace

int learn(const std::string& guest, const RuleRequest& request) {
    if (!is_guest_name(guest) || guest == "host") {
        return complain("No guest can be called '" + printable(guest, 64) +
                            "'; a guest is called as its configuration file, without \".toml\"",
                        exit_no_guest);
    }
    // Whether it can be done at all is said before anybody plugs anything in.
    if (const auto possible = open_files(guest); !possible) {
        return complain(possible.error().message, possible.error().code);
    }
    const auto device = device_for_rule(request);
    if (!device) {
        return device.error().code;
    }
    const auto plugged = list_devices();
    if (!plugged) {
        return complain(plugged.error().message);
    }
    const auto rule = propose_rule(*device, *plugged, request.by);
    if (!rule) {
        return complain(rule.error().message);
    }
    auto files = open_files(guest);
    if (!files) {
        return complain(files.error().message, files.error().code);
    }
    const auto addition = add(guest, *files, *device, *rule);
    if (addition.kind != Addition::Added) {
        return refuse(guest, *files, addition);
    }
    if (const auto replaced = files->own.replace(addition.content); !replaced) {
        return complain(replaced.error().message);
    }
    if (request.json) {
        Json document = new_json();
        document["device"] = identity_json(*device);
        document["guest"] = guest;
        document["file"] = files->own.path();
        document["line"] = addition.line;
        document["rule"] = *rule;
        print_json(document);
    } else {
        say_what_is_new(guest, *files, addition.line, *rule);
        say_what_is_next(guest, *device);
    }
    return exit_success;
}

} // namespace usb_hotplug::ctl
