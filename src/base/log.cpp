// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/log.h"

#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

namespace usb_hotplug {

namespace {

/// Whether standard error goes to the journal (systemd.exec(5), $JOURNAL_STREAM).
bool stderr_is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status = {};
    return stream != nullptr && fstat(STDERR_FILENO, &status) == 0 &&
           std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

} // namespace

void log(Level level, std::string_view id, const std::string& message, const Fields& fields) {
    static const bool journal = stderr_is_journal();
    if (!journal) {
        if (level != Level::Debug) {
            std::fprintf(stderr, "%s\n", message.c_str());
        }
        return;
    }
    std::vector<std::string> entries = {"MESSAGE=" + message,
                                        "PRIORITY=" + std::to_string(static_cast<int>(level))};
    if (!id.empty()) {
        entries.push_back("MESSAGE_ID=" + std::string(id));
    }
    for (const auto& [name, value] : fields) {
        if (!value.empty()) {
            entries.push_back(std::string(name) + "=" + value);
        }
    }
    std::vector<iovec> parts;
    parts.reserve(entries.size());
    for (std::string& entry : entries) {
        parts.push_back({entry.data(), entry.size()});
    }
    if (sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) < 0) {
        std::fprintf(stderr, "%s\n", message.c_str());
    }
}

} // namespace usb_hotplug
