// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The backend of a plain QEMU: attaching, detaching and what is attached, with a QEMU that behaves.

#include "guest/fake_qemu.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using nlohmann::json;
using std::chrono::seconds;
using Names = std::vector<std::string>;

namespace {

AttachOutcome::Kind attach(FakeQemu& qemu, const TemporaryFolder& folder) {
    qemu.start();
    const auto outcome = backend_at(folder / "qmp", quick(folder))->attach({alias, mouse});
    REQUIRE(outcome);
    return outcome->kind;
}

/// The arguments of the last device_add.
json last_add(FakeQemu& qemu) {
    json arguments;
    for (const json& request : qemu.requests()) {
        arguments = request["execute"] == "device_add" ? request["arguments"] : arguments;
    }
    return arguments;
}

} // namespace

TEST_CASE("a device is passed as a descriptor, which QEMU does not keep") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    CHECK(attach(qemu, folder) == AttachOutcome::Attached);
    CHECK(qemu.passed() == content_of(folder / "usb/001/005"));
    CHECK(last_add(qemu) == json{{"driver", "usb-host"},
                                 {"id", alias},
                                 {"bus", "usb.0"},
                                 {"hostdevice", "/dev/fdset/3"}});
    CHECK(qemu.requests().back()["execute"] == "remove-fd");
    CHECK(qemu.requests().back()["arguments"] == json{{"fdset-id", 3}});
    const auto backend = backend_at(folder / "qmp", quick(folder));
    CHECK(backend->attached().value() == Names{alias});
    CHECK(backend->attach({alias, mouse})->kind == AttachOutcome::AlreadyAttached);
    CHECK(backend->state().value() == GuestState::Running);
}

TEST_CASE("what is at the node must be the device that was decided about") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.start();
    const auto backend = backend_at(folder / "qmp", quick(folder));
    for (const UsbSource& other :
         {UsbSource{1, 5, {0x046d, 0xc078}}, UsbSource{1, 5, {0x046e, 0xc077}},
          UsbSource{1, 6, {0x046d, 0xc077}}}) {
        CHECK(backend->attach({alias, other})->kind == AttachOutcome::Refused);
    }
    CHECK(qemu.peripheral.empty());
    CHECK(qemu.passed().empty());
}

TEST_CASE("no free port") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.on_bus = {"usb-kbd", "usb-tablet", "usb-mouse", "usb-mouse"};
    CHECK(attach(qemu, folder) == AttachOutcome::NoFreePort);
    CHECK(last_add(qemu).is_null());
}

TEST_CASE("the last port is named, as QEMU would put a hub there") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.on_bus = {"usb-kbd", "usb-tablet", "usb-mouse"};
    qemu.taken_ports = {"1", "2", "4"};
    CHECK(attach(qemu, folder) == AttachOutcome::Attached);
    CHECK(last_add(qemu)["port"] == "3");
}

TEST_CASE("the ports of a hub count") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.ports = 2;
    qemu.on_bus = {"usb-kbd", "usb-hub"};
    CHECK(attach(qemu, folder) == AttachOutcome::Attached);
    CHECK_FALSE(last_add(qemu).contains("port"));
}

TEST_CASE("of controllers that are not known the choice is QEMU's") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.ports = 0;
    CHECK(attach(qemu, folder) == AttachOutcome::Attached);
    CHECK_FALSE(last_add(qemu).contains("bus"));
}

TEST_CASE("a device that the guest has by other means") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.on_bus = {"usb-host"};
    qemu.properties = {{"hostbus", 1}, {"hostaddr", 5}, {"hostdevice", ""}};
    CHECK(attach(qemu, folder) == AttachOutcome::HasOtherwise);
}

TEST_CASE("a refusal has QEMU's words, and leaves no descriptor behind") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.refuse = {{"device_add", "failed to open host\nusb device"}};
    qemu.start();
    const auto outcome = backend_at(folder / "qmp", quick(folder))->attach({alias, mouse});
    CHECK(outcome->kind == AttachOutcome::Refused);
    CHECK(outcome->detail == "failed to open host\\x0ausb device");
    CHECK(qemu.requests()[qemu.requests().size() - 2]["execute"] == "remove-fd");
}

TEST_CASE("detaching waits until the device is gone") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.peripheral = {alias, "mine"};
    qemu.start();
    const auto backend = backend_at(folder / "qmp", quick(folder));
    CHECK(backend->detach(alias, seconds(5)).value() == DetachOutcome::Detached);
    CHECK(backend->detach(alias, seconds(5)).value() == DetachOutcome::NotAttached);
    CHECK(qemu.peripheral == Names{"mine"});
    CHECK(backend->attached().value().empty());
}

TEST_CASE("a guest that does not let go") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.peripheral = {alias};
    qemu.keeps_devices = true;
    qemu.start();
    const auto start = std::chrono::steady_clock::now();
    CHECK(backend_at(folder / "qmp", quick(folder))->detach(alias, seconds(1)).value() ==
          DetachOutcome::NoAnswer);
    CHECK(std::chrono::steady_clock::now() - start >= seconds(1));
}

TEST_CASE("nobody at the socket is a guest that is off") {
    const TemporaryFolder folder;
    const std::string path = folder / "qmp";
    const auto backend = backend_at(path, quick(folder));
    const auto is_off = [&] {
        CHECK(backend->state().value() == GuestState::Off);
        CHECK(backend->attach({alias, mouse})->kind == AttachOutcome::GuestOff);
        CHECK(backend->detach(alias, seconds(1)).value() == DetachOutcome::GuestOff);
        CHECK(backend->attached().value().empty());
    };
    is_off();
    { FakeQemu(path).start(); }
    // The socket of one that was killed is still there.
    CHECK(names_in(folder.path()) == Names{"qmp", "usb"});
    is_off();
}

TEST_CASE("what is no socket is an error") {
    const TemporaryFolder folder;
    const auto state = backend_at(folder.write("qmp", ""), quick(folder))->state();
    REQUIRE_FALSE(state);
    CHECK(state.error().message.find("it is no socket") != std::string::npos);
}

TEST_CASE("a monitor that somebody else has is an error in time") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    qemu.silent = {"qom-list"};
    qemu.start();
    QmpSettings settings = quick(folder);
    settings.call = seconds(3);
    std::thread other([&] { (void)backend_at(folder / "qmp", settings)->attached(); });
    while (qemu.commands() != Names{"qmp_capabilities", "qom-list"}) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    // One more than there is room for in the queue.
    for (int i = 0; i < 4; ++i) {
        const auto backend = backend_at(folder / "qmp", quick(folder));
        CHECK(backend->state().value() == GuestState::Running);
        const auto start = std::chrono::steady_clock::now();
        const auto outcome = backend->attach({alias, mouse});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == EAGAIN);
        CHECK(outcome.error().message.find("another client has this monitor") != std::string::npos);
        CHECK(std::chrono::steady_clock::now() - start < seconds(2));
    }
    other.join();
}
