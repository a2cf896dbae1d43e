// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The backend of a plain QEMU against a real one, where it is installed. It has no USB hardware.

#include "guest/fake_qemu.h"
#include "guest/qmp_controllers.h"
#include "guest/qmp_session.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using nlohmann::json;
using Names = std::vector<std::string>;

namespace {

bool is_installed() {
    return std::system("command -v qemu-system-x86_64 >/dev/null 2>&1") == 0;
}

/// A machine that is not running, with these devices.
class Qemu {
public:
    explicit Qemu(const std::string& path, Names devices) {
        Names words = {"qemu-system-x86_64",
                       "-S",
                       "-accel",
                       "tcg",
                       "-machine",
                       "q35",
                       "-nodefaults",
                       "-display",
                       "none",
                       "-qmp",
                       "unix:" + path + ",server=on,wait=off"};
        words.insert(words.end(), devices.begin(), devices.end());
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        REQUIRE(posix_spawnp(&pid_, arguments[0], nullptr, nullptr, arguments.data(), environ) ==
                0);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        const auto backend = make_qmp_backend({BackendKind::Qmp, path, ""}, nullptr);
        while (backend->state().value() != GuestState::Running) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    Qemu(const Qemu&) = delete;
    Qemu& operator=(const Qemu&) = delete;
    ~Qemu() {
        (void)kill(pid_, SIGKILL);
        (void)waitpid(pid_, nullptr, 0);
    }

private:
    pid_t pid_ = 0;
};

/// A tablet takes the place of a device.
void add(QmpSession& session, const std::string& id, const QmpPlace& place) {
    json arguments = {{"driver", "usb-tablet"}, {"id", id}, {"bus", place.bus}};
    if (!place.port.empty()) {
        arguments["port"] = place.port;
    }
    (void)session.execute("device_add", arguments);
}

} // namespace

TEST_CASE("a real QEMU") {
    if (!is_installed()) {
        MESSAGE("there is no qemu-system-x86_64");
        return;
    }
    const TemporaryFolder folder;
    const std::string path = folder / "qmp";
    const Qemu qemu(path,
                    {"-usb", "-device", "pci-ohci", "-device", "qemu-xhci,id=fast,p2=3,p3=2"});
    const QmpSettings settings = {std::chrono::seconds(20), std::chrono::seconds(30),
                                  std::chrono::seconds(5), std::chrono::seconds(10),
                                  device_folder(folder)};
    const auto backend = make_qmp_backend({BackendKind::Qmp, path, ""}, nullptr, settings);

    // The descriptor arrives, and is none of a USB device.
    const auto outcome = backend->attach({alias, mouse});
    REQUIRE(outcome);
    CHECK(outcome->kind == AttachOutcome::Refused);
    CHECK(outcome->detail.find("No such file") == std::string::npos);
    CHECK(backend->attached().value().empty());

    auto session = QmpSession::open(path, settings);
    REQUIRE((session && *session));
    // Companions of the EHCI have no bus of their own, and no disk controller is among them.
    auto controllers = list_controllers(**session).value();
    REQUIRE(controllers.size() == 3);
    CHECK(controllers[0].bus == "fast.0");
    CHECK(controllers[0].ports == 3);
    CHECK(controllers[1].ports == 6);
    CHECK(controllers[2].ports == 3);
    CHECK(controllers[0].is_usb3);
    CHECK(!controllers[1].is_usb3);

    for (const char* id : {"a", "b"}) {
        add(**session, id, places_on(list_controllers(**session).value()).front());
    }
    controllers = list_controllers(**session).value();
    CHECK(controllers[0].free() == 1);
    const auto places = places_on({controllers[0]});
    REQUIRE(places.size() == 3);
    for (const QmpPlace& place : places) {
        add(**session, alias, place);
    }
    controllers = list_controllers(**session).value();
    CHECK(controllers[0].free() == 0);
    CHECK(controllers[0].hub_ports == 0);
    CHECK(places_on({controllers[0]}).empty());
    session->reset();

    const auto ports = backend->ports().value().value();
    CHECK(ports.all == 3 + 6 + 3);
    CHECK(ports.used == 3);
    CHECK(ports.has_usb3);
    CHECK(backend->attached().value() == Names{alias});
    CHECK(backend->detach(alias, std::chrono::seconds(20)).value() == DetachOutcome::Detached);
    CHECK(backend->detach(alias, std::chrono::seconds(20)).value() == DetachOutcome::NotAttached);
}
