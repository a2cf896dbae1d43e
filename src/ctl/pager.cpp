// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The pager, as systemctl has it: $SYSTEMD_PAGER, $PAGER, less, more.

#include "base/text.h"
#include "ctl/terminal.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace usb_hotplug::ctl {

namespace {

using Words = std::vector<std::string>;

/// less can run programs and write files, which somebody who may only look at devices with more
/// rights must not get. As systemd: it is safe unless the user says otherwise, or is who logged in.
bool must_be_secure() {
    if (const char* said = std::getenv("SYSTEMD_PAGERSECURE"); said != nullptr) {
        const std::string word = lower(said);
        return word != "0" && word != "no" && word != "false" && word != "off";
    }
    uid_t owner = 0;
    return sd_pid_get_owner_uid(0, &owner) < 0 || owner != geteuid();
}

/// The programs to try in this order; none when there shall be no pager.
std::vector<Words> candidates(bool secure) {
    const char* said = std::getenv("SYSTEMD_PAGER");
    said = said != nullptr ? said : std::getenv("PAGER");
    std::vector<Words> all;
    if (said != nullptr) {
        const auto parts = split(said, ' ');
        if (parts.empty() || (parts.size() == 1 && parts[0] == "cat")) {
            return {};
        }
        // Of others it is not known that they are safe, except where the user says so.
        if (!secure || std::getenv("SYSTEMD_PAGERSECURE") != nullptr || parts[0] == "less") {
            all.emplace_back(parts.begin(), parts.end());
        }
    }
    all.push_back({"less"});
    if (!secure) {
        all.push_back({"more"});
    }
    return all;
}

void set_up_less(bool secure) {
    const char* options = std::getenv("SYSTEMD_LESS");
    (void)setenv("LESS", options != nullptr && !secure ? options : "FRSXMK", 1);
    if (terminal().has_utf8) {
        (void)setenv("LESSCHARSET", "utf-8", 1);
    }
    if (secure) {
        (void)setenv("LESSSECURE", "1", 1);
    }
}

/// In the child: becomes the first program that can be started, or ends.
[[noreturn]] void become(const std::vector<Words>& programs, int input, pid_t parent) {
    (void)dup2(input, STDIN_FILENO);
    (void)std::signal(SIGPIPE, SIG_DFL);
    // Not to be left behind when we are killed.
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent) {
        for (const Words& words : programs) {
            std::vector<char*> arguments;
            for (const std::string& word : words) {
                arguments.push_back(const_cast<char*>(word.c_str()));
            }
            arguments.push_back(nullptr);
            (void)execvp(arguments[0], arguments.data());
        }
    }
    _exit(127);
}

bool can_start_any(const std::vector<Words>& programs) {
    const char* said = std::getenv("PATH");
    const std::string_view path = said == nullptr ? "" : said;
    for (const Words& words : programs) {
        if (words[0].find('/') != std::string::npos && access(words[0].c_str(), X_OK) == 0) {
            return true;
        }
        for (const std::string_view folder : split(path, ':')) {
            if (access((std::string(folder) + "/" + words[0]).c_str(), X_OK) == 0) {
                return true;
            }
        }
    }
    return false;
}

} // namespace

Pager::Pager(bool wanted) {
    const char* kind = std::getenv("TERM");
    if (!wanted || !terminal().is_terminal || kind == nullptr || std::string_view(kind) == "dumb") {
        return;
    }
    const bool secure = must_be_secure();
    const auto programs = candidates(secure);
    std::array<int, 2> ends = {-1, -1};
    // Looked for here, as what is written to a pager that did not start would be lost.
    if (!can_start_any(programs) || pipe2(ends.data(), O_CLOEXEC) != 0) {
        return;
    }
    set_up_less(secure);
    const pid_t self = getpid();
    child_ = fork();
    if (child_ == 0) {
        become(programs, ends[0], self);
    }
    if (child_ > 0) {
        output_ = UniqueFd(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
        errors_ = UniqueFd(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
        (void)dup2(ends[1], STDOUT_FILENO);
        if (isatty(STDERR_FILENO) == 1) {
            (void)dup2(ends[1], STDERR_FILENO);
        }
        // Ctrl-C is for the pager.
        (void)std::signal(SIGINT, SIG_IGN);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
}

Pager::~Pager() {
    if (child_ <= 0) {
        return;
    }
    (void)finish_output();
    std::fflush(stderr);
    // The pager sees the end of its input when nobody has the other end any more. What is said
    // later goes where it would have gone.
    for (const auto& [was, now] :
         {std::pair{output_.get(), STDOUT_FILENO}, std::pair{errors_.get(), STDERR_FILENO}}) {
        if (dup2(was, now) < 0) {
            (void)close(now);
        }
    }
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace usb_hotplug::ctl
