// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/drivers.h"

#include "base/file.h"

#include <algorithm>
#include <filesystem>
#include <thread>

namespace usb_hotplug {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto look_again = std::chrono::milliseconds(20);
constexpr auto probe_every = std::chrono::milliseconds(300);

/// Names of a device's interfaces: those that have a kernel driver other than usbfs, and those that
/// nobody has.
struct Interfaces {
    std::vector<std::string> driven;
    std::vector<std::string> free;
};

Interfaces interfaces_of(const std::string& syspath) {
    Interfaces found;
    std::error_code error;
    std::filesystem::directory_iterator entries(syspath, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        // "1-4.2:1.0" has a colon; so does nothing else with a driver in a USB device's folder.
        if (name.find(':') == std::string::npos) {
            continue;
        }
        std::error_code none;
        const auto driver = std::filesystem::read_symlink(entries->path() / "driver", none);
        if (none) {
            found.free.push_back(name);
        } else if (driver.filename() != "usbfs") {
            found.driven.push_back(name);
        }
    }
    std::sort(found.driven.begin(), found.driven.end());
    return found;
}

bool exists(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
}

} // namespace

std::vector<std::string> driven_interfaces(const std::string& syspath) {
    return interfaces_of(syspath).driven;
}

Rebind wait_for_drivers(const std::string& syspath, std::vector<std::string> interfaces,
                        std::chrono::milliseconds limit) {
    std::sort(interfaces.begin(), interfaces.end());
    const auto start = Clock::now();
    auto probe_at = start;
    for (;;) {
        const auto now = Clock::now();
        if (now >= probe_at) {
            for (const std::string& interface : interfaces_of(syspath).free) {
                // The result shows in the driver link; an interface without a driver in this
                // kernel, or that is gone, answers with an error that says no more.
                (void)write_sysfs("/sys/bus/usb/drivers_probe", interface);
            }
            probe_at = now + probe_every;
        }
        const std::vector<std::string> driven = driven_interfaces(syspath);
        if (!exists(syspath)) {
            return Rebind::DeviceGone;
        }
        if (std::includes(driven.begin(), driven.end(), interfaces.begin(), interfaces.end())) {
            return Rebind::Done;
        }
        if (now - start > limit) {
            return Rebind::StillUnbound;
        }
        std::this_thread::sleep_for(look_again);
    }
}

} // namespace usb_hotplug
