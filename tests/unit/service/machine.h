// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The machine that devices are started and stopped on: the devices of devices.umockdev, and the
// configuration and state in a folder of the test's.

#pragma once

#include "base/unit_name.h"
#include "host/state.h"
#include "model/config.h"
#include "service/attach.h"
#include "service/fakes.h"
#include "support.h"

namespace usb_hotplug::test {

inline const std::string receiver_node = "/dev/bus/usb/001/003"; ///< at port 1-10
inline const std::string receiver_instance = "dev-bus-usb-001-003";
inline const std::string receiver_path = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-10";

class Machine {
public:
    Machine() { fresh(); }

    /// A guest that wants this, enabled. Gives back its file.
    std::string guest(const std::string& name,
                      std::string_view content = "[[usb]]\nall = true\n") const {
        fakes().units_on.insert(guest_target(name));
        return folder_.write("etc/usb-hotplug/" + name + ".toml", content);
    }
    [[nodiscard]] State state() const { return State(state_folder()); }
    [[nodiscard]] std::optional<AttachRecord> record() const {
        auto read = state().read_record(receiver_instance);
        return read ? std::move(*read) : std::nullopt;
    }
    [[nodiscard]] std::vector<std::string> files(const std::string& kind) const {
        return names_in(folder_ / ("run/usb-hotplug/" + kind));
    }
    [[nodiscard]] std::optional<std::string> released() const {
        return state().read_mark(Mark::Released, receiver_instance, plug_id(receiver_path));
    }

    Result<StartReport> start(const std::string& node = receiver_node) {
        World world;
        return start_device(world, node, pause(), fields);
    }
    Result<StopReport> stop(const std::string& node = receiver_node) {
        World world;
        return stop_device(world, node, pause(), fields);
    }

    Fields fields;
    int pauses = 0;
    int longest = 0; ///< pauses until the program is asked to end

private:
    Pause pause() {
        return [this](std::chrono::milliseconds) { return pauses++ >= longest; };
    }

    TemporaryFolder folder_;
    EnvironmentVariable root_{"USB_HOTPLUG_ROOT", folder_.path()};
};

} // namespace usb_hotplug::test
