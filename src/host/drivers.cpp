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

std::vector<std::string> unbound(const std::string& syspath,
                                 const std::vector<std::string>& interfaces) {
    const std::vector<std::string> bound = driven_interfaces(syspath);
    std::vector<std::string> missing;
    std::copy_if(interfaces.begin(), interfaces.end(), std::back_inserter(missing),
                 [&](const std::string& interface) {
                     return std::find(bound.begin(), bound.end(), interface) == bound.end();
                 });
    return missing;
}

bool exists(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
}

} // namespace

std::vector<std::string> driven_interfaces(const std::string& syspath) {
    std::vector<std::string> interfaces;
    std::error_code error;
    std::filesystem::directory_iterator entries(syspath, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        // "1-4.2:1.0" has a colon; so does nothing else with a driver in a USB device's folder.
        if (name.find(':') == std::string::npos) {
            continue;
        }
        std::error_code unreadable;
        const auto driver = std::filesystem::read_symlink(entries->path() / "driver", unreadable);
        if (!unreadable && driver.filename() != "usbfs") {
            interfaces.push_back(name);
        }
    }
    std::sort(interfaces.begin(), interfaces.end());
    return interfaces;
}

Rebind wait_for_drivers(const std::string& syspath, const std::vector<std::string>& interfaces,
                        std::chrono::milliseconds limit) {
    const auto start = Clock::now();
    auto probe_at = start + probe_every;
    for (;;) {
        const std::vector<std::string> missing = unbound(syspath, interfaces);
        if (!exists(syspath)) {
            return Rebind::DeviceGone;
        }
        if (missing.empty()) {
            return Rebind::Done;
        }
        const auto now = Clock::now();
        if (now - start > limit) {
            return Rebind::StillUnbound;
        }
        if (now > probe_at) {
            for (const std::string& interface : missing) {
                // The result shows in the driver link. An interface that the hypervisor still has,
                // or that is gone, answers with an error that says no more.
                (void)write_sysfs("/sys/bus/usb/drivers_probe", interface);
            }
            probe_at = now + probe_every;
        }
        std::this_thread::sleep_for(look_again);
    }
}

} // namespace usb_hotplug
