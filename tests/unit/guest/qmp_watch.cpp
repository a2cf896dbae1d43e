// SPDX-License-Identifier: LGPL-2.1-or-later
//
// When a guest that is plain QEMU comes and goes. The guests are processes of their own, as it is
// their end that tells.

#include "guest/fake_qemu.h"

#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/wait.h>
#include <systemd/sd-event.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using std::chrono::milliseconds;

namespace {

/// A QEMU in a process of its own.
class Process {
public:
    explicit Process(const std::string& path) : pid_(fork()) {
        if (pid_ == 0) {
            FakeQemu qemu(path);
            qemu.start();
            for (;;) {
                pause();
            }
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() { end(); }
    void end() {
        if (pid_ > 0) {
            (void)kill(pid_, SIGKILL);
            (void)waitpid(pid_, nullptr, 0);
            pid_ = 0;
        }
    }

private:
    pid_t pid_;
};

/// The events of a guest, in one line.
class Watched {
public:
    explicit Watched(const std::string& path) {
        sd_event* event = nullptr;
        REQUIRE(sd_event_new(&event) >= 0);
        event_.reset(event);
        backend_ = backend_at(path, quick(folder_), event);
        CHECK(backend_->watch([this](GuestEvent happened) {
            events_ += happened == GuestEvent::Started   ? "started "
                       : happened == GuestEvent::Stopped ? "stopped "
                       : happened == GuestEvent::Lost    ? "lost "
                                                         : "other ";
        }));
    }
    /// Those until they are these, or for so long.
    std::string until(const std::string& wanted, milliseconds limit = milliseconds(5000)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (events_ != wanted && std::chrono::steady_clock::now() < end) {
            (void)sd_event_run(event_.get(), 20000);
        }
        return std::exchange(events_, {});
    }
    bool nothing() { return until("-", milliseconds(300)).empty(); }

private:
    TemporaryFolder folder_;
    Handle<sd_event, sd_event_unref> event_;
    std::unique_ptr<Backend> backend_;
    std::string events_;
};

} // namespace

TEST_CASE("a guest that starts, is killed, leaves its socket behind, and starts again") {
    const TemporaryFolder folder;
    const std::string path = folder / "qmp";
    Watched watched(path);
    for (int i = 0; i < 3; ++i) {
        Process guest(path);
        CHECK(watched.until("started ") == "started ");
        CHECK(watched.nothing());
        guest.end();
        CHECK(watched.until("stopped ") == "stopped ");
        CHECK(watched.nothing());
        std::filesystem::remove(path);
    }
}

TEST_CASE("a guest that runs already, and takes its socket along") {
    const TemporaryFolder folder;
    const std::string path = folder / "qmp";
    Process guest(path);
    while (backend_at(path, quick(folder))->state().value() != GuestState::Running) {
        std::this_thread::sleep_for(milliseconds(5));
    }
    Watched watched(path);
    CHECK(watched.nothing());
    std::filesystem::remove(path);
    CHECK(watched.until("stopped ") == "stopped ");
    guest.end();
    CHECK(watched.nothing());
}

TEST_CASE("a guest that is another one before anybody looks") {
    const TemporaryFolder folder;
    const std::string path = folder / "qmp";
    Watched watched(path);
    auto first = std::make_unique<Process>(path);
    CHECK(watched.until("started ") == "started ");
    first.reset();
    std::filesystem::remove(path);
    const Process second(path);
    while (backend_at(path, quick(folder))->state().value() != GuestState::Running) {
        std::this_thread::sleep_for(milliseconds(5));
    }
    CHECK(watched.until("stopped started ") == "stopped started ");
}

TEST_CASE("a folder that is not there yet, is removed, and is made again") {
    const TemporaryFolder folder;
    const std::string path = folder / "a/b/qmp";
    Watched watched(path);
    for (int i = 0; i < 2; ++i) {
        std::filesystem::create_directories(folder / "a/b");
        Process guest(path);
        CHECK(watched.until("started ") == "started ");
        std::filesystem::remove_all(folder / "a");
        CHECK(watched.until("stopped ") == "stopped ");
        CHECK(watched.nothing());
    }
    // Moved here whole.
    std::filesystem::create_directories(folder / "elsewhere/b");
    const Process guest(folder / "elsewhere/b/qmp");
    while (!std::filesystem::exists(folder / "elsewhere/b/qmp")) {
        std::this_thread::sleep_for(milliseconds(5));
    }
    std::filesystem::rename(folder / "elsewhere", folder / "a");
    CHECK(watched.until("started ") == "started ");
}

TEST_CASE("what else happens in the folder is nothing") {
    const TemporaryFolder folder;
    Watched watched(folder / "qmp");
    (void)folder.write("other", "");
    std::filesystem::remove(folder / "other");
    CHECK(watched.nothing());
    (void)folder.write("qmp", "");
    // No socket, and none that may become one.
    CHECK(watched.until("lost ", milliseconds(30000)) == "lost ");
}

TEST_CASE("without an event loop there is no watching") {
    const TemporaryFolder folder;
    CHECK_FALSE(backend_at(folder / "qmp", quick(folder))->watch([](GuestEvent) {}));
}
