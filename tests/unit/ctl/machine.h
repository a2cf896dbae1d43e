// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Running usb-hotplugctl on the fake machine of devices.umockdev. It has no systemd and no libvirt.

#pragma once

#include "support.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace usb_hotplug::test {

inline std::string variable(const char* name) {
    const char* value = std::getenv(name);
    REQUIRE(value != nullptr);
    return value;
}

/// The configuration, below a folder of the test's own.
class Machine {
public:
    /// Writes "/etc/usb-hotplug/NAME.toml".
    [[nodiscard]] std::string guest(const std::string& name, std::string_view content) const {
        return folder_.write("etc/usb-hotplug/" + name + ".toml", content);
    }
    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

    /// Where the devices are.
    [[nodiscard]] Ended ctl(const std::vector<std::string>& arguments) const {
        return run(with_program(arguments), {"LD_PRELOAD=" + variable("LD_PRELOAD"),
                                             "UMOCKDEV_DIR=" + variable("UMOCKDEV_DIR")});
    }
    /// On another machine, with these devices alone.
    [[nodiscard]] Ended ctl_with(const std::string& devices,
                                 const std::vector<std::string>& arguments) const {
        std::vector<std::string> command = {"/usr/bin/env", "umockdev-run", "--device", devices,
                                            "--"};
        const auto rest = with_program(arguments);
        command.insert(command.end(), rest.begin(), rest.end());
        return run(command, {});
    }

private:
    static std::vector<std::string> with_program(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), variable("USB_HOTPLUGCTL"));
        return arguments;
    }
    [[nodiscard]] Ended run(const std::vector<std::string>& command,
                            std::vector<std::string> environment) const {
        environment.push_back("PATH=" + variable("PATH"));
        environment.push_back("USB_HOTPLUG_ROOT=" + folder_.path());
        return run_program(command, environment);
    }

    TemporaryFolder folder_;
};

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace usb_hotplug::test
