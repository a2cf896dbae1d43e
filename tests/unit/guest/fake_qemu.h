// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The monitor of a QEMU that is none: it serves one client after the other, as QEMU does, and can
// be told to behave in any other way.

#pragma once

#include "base/handles.h"
#include "guest/qmp.h"
#include "support.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace usb_hotplug::test {

/// The device whose node is made by device_folder(): 046d:c077, bus 1, number 5.
inline constexpr UsbSource mouse = {1, 5, {0x046d, 0xc077}};
inline const std::string alias = "ua-usb-hotplug-dev-bus-usb-001-005";

class FakeQemu {
public:
    explicit FakeQemu(std::string path);
    FakeQemu(const FakeQemu&) = delete;
    FakeQemu& operator=(const FakeQemu&) = delete;
    ~FakeQemu();

    /// Begins to listen. What is below is set before, or with the lock held.
    void start();

    std::string greeting = R"({"QMP": {"version": {}, "capabilities": ["oob"]}})";
    std::size_t piece = 0;              ///< bytes to a send, with a pause after each; 0 is all
    std::chrono::milliseconds delay{0}; ///< before each answer
    std::string between;                ///< lines before each answer
    std::set<std::string> silent;       ///< commands that get no answer
    std::set<std::string> hangs_up;     ///< commands after which the connection ends
    std::map<std::string, std::string> refuse; ///< commands that are refused, with this reason
    std::map<std::string, std::string> raw;    ///< commands with these lines in place of an answer
    bool keeps_devices = false;                ///< device_del does nothing
    std::vector<std::string> peripheral;       ///< ids
    std::uint32_t ports = 4;                   ///< of its controller; 0 is no controller
    std::vector<std::string> on_bus;           ///< types of what is on the bus besides: "usb-hub"
    std::set<std::string> taken_ports;         ///< refused when they are named
    std::map<std::string, nlohmann::json> properties; ///< of everything, for qom-get

    /// The requests so far, and their "execute" alone.
    std::vector<nlohmann::json> requests();
    std::vector<std::string> commands();
    /// Of add-fd, what is in the file that was passed; empty when none was.
    std::string passed();

    std::mutex lock;

private:
    void serve();
    void talk(int client);
    bool answer(int client, const nlohmann::json& request, int fd);
    nlohmann::json value_of(const nlohmann::json& request, int fd);
    nlohmann::json objects_at(const std::string& path);
    nlohmann::json add_device(const nlohmann::json& arguments);
    void send(int client, const std::string& text) const;

    std::string path_;
    UniqueFd socket_;
    std::atomic<bool> ends_{false};
    std::thread thread_;
    std::vector<nlohmann::json> requests_;
    std::string passed_;
};

/// A folder of nodes with the mouse's descriptor at 001/005.
std::string device_folder(const TemporaryFolder& folder);

/// Settings for tests: everything is quick.
QmpSettings quick(const TemporaryFolder& folder);

/// The backend of the guest with this socket.
std::unique_ptr<Backend> backend_at(const std::string& path, const QmpSettings& settings,
                                    sd_event* event = nullptr);

} // namespace usb_hotplug::test
