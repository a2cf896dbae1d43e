// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of what attach, detach, pause, resume and status say, on the machine of disks.umockdev with
// a service manager and a guest that are fakes: the words, and the shape of the JSON.

#include "ctl/ctl.h"
#include "host/devices.h"
#include "service/machine.h"

#include <cstdio>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using Json = nlohmann::ordered_json;

namespace {

using Keys = std::vector<std::string>;

const std::string stick = "/dev/bus/usb/001/005";
const std::string stick_unit = device_unit(stick);
const std::string disk = "/dev/sda";

/// Units start and stop as asked, with what their programs do.
struct Moving : Machine {
    Moving() {
        fakes().job = [this](UnitVerb verb, const std::string& unit) {
            const auto node = node_of_device_unit(unit);
            if (!node) {
                return;
            }
            std::string& state = fakes().units_active[unit];
            if (verb != UnitVerb::Start) {
                state = stop(*node) ? "inactive" : "failed";
            }
            if (verb != UnitVerb::Stop) {
                const auto report = start(*node);
                state = !report                               ? "failed"
                        : report->kind == StartKind::Attached ? "active"
                                                              : "inactive";
            }
        };
    }
};

/// What a verb prints on standard output, and its exit status.
struct Said {
    int status = -1;
    std::string out;

    [[nodiscard]] Json json() const { return Json::parse(out); }
};

template <typename Verb>
Said said_by(const Verb& verb) {
    const TemporaryFolder folder;
    const std::string file = folder.write("out", "");
    std::fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    const int captured = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(before >= 0);
    REQUIRE(dup2(captured, STDOUT_FILENO) >= 0);
    Said said;
    said.status = verb();
    std::fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    close(captured);
    said.out = content_of(file);
    return said;
}

Keys keys_of(const Json& object) {
    Keys keys;
    for (const auto& [key, value] : object.items()) {
        keys.push_back(key);
    }
    return keys;
}

const Keys device_keys = {"port", "node", "id",    "vendor", "product", "serial",
                          "hub",  "disk", "guest", "state",  "reason",  "unit"};

/// The device of a document that has nothing else.
Json device_of(const Said& said) {
    const Json json = said.json();
    CHECK(keys_of(json) == Keys{"version", "device"});
    CHECK(json["version"] == 1);
    CHECK(keys_of(json["device"]) == device_keys);
    return json["device"];
}

} // namespace

TEST_CASE("a device that is attached and detached by hand, in words") {
    const Moving machine;
    (void)machine.guest("win10");
    const Said given = said_by([] { return ctl::attach("1-4", "win10", false); });
    CHECK(given.status == ctl::exit_success);
    CHECK(given.out == "win10 has 0781:5567 at port 1-4\n");
    const Said back = said_by([] { return ctl::detach("0781:5567", false, false); });
    CHECK(back.status == ctl::exit_success);
    CHECK(back.out == "The host has 0781:5567 at port 1-4\n");
}

TEST_CASE("a device that is attached and detached by hand, as JSON") {
    const Moving machine;
    (void)machine.guest("win10");
    const Said given = said_by([] { return ctl::attach("1-4", "win10", true); });
    CHECK(given.status == ctl::exit_success);
    Json device = device_of(given);
    CHECK(device["node"] == stick);
    CHECK(device["guest"] == "win10");
    CHECK(device["state"] == "attached");
    CHECK(device["reason"] == "given by hand until it is unplugged");
    CHECK(device["unit"] == stick_unit);
    const Said back = said_by([] { return ctl::detach("1-4", false, true); });
    CHECK(back.status == ctl::exit_success);
    device = device_of(back);
    CHECK(device["guest"] == "win10");
    CHECK(device["state"] == "released");
}

TEST_CASE("a disk that is taken by force, as JSON") {
    const Moving machine;
    (void)machine.guest("win10", "[[disk]]\nall = true\n");
    REQUIRE(said_by([] { return ctl::attach("sda", "win10", true); }).status == ctl::exit_success);
    fakes().detach = [] { return DetachOutcome::NoAnswer; };
    CHECK(said_by([] { return ctl::detach("sda", false, true); }).out.empty());
    const Said taken = said_by([] { return ctl::detach("sda", true, true); });
    CHECK(taken.status == ctl::exit_success);
    const Json device = device_of(taken);
    CHECK(device["node"] == disk);
    CHECK(keys_of(device["disk"]) == Keys{"name", "bytes", "serial"});
    CHECK(device["disk"]["bytes"] == 4 << 20);
    CHECK(device["state"] == "released");
    CHECK(fakes().cut_off == Keys{"ua-usb-hotplug-dev-sda"});
}

TEST_CASE("what cannot be moved is said on standard error alone") {
    const Moving machine;
    (void)machine.guest("win10");
    for (const bool json : {false, true}) {
        fakes().guest = GuestState::Off;
        const Said later = said_by([&] { return ctl::attach("1-4", "win10", json); });
        CHECK(later.status == ctl::exit_waiting);
        CHECK(later.out.empty());
        fakes().guest = GuestState::Running;
        fakes().attach = [] { return AttachOutcome{AttachOutcome::NoFreePort, "4"}; };
        const Said refused = said_by([&] { return ctl::attach("1-4", "win10", json); });
        CHECK(refused.status == ctl::exit_failure);
        CHECK(refused.out.empty());
        CHECK(said_by([&] { return ctl::attach("1-4", "wim10", json); }).status ==
              ctl::exit_no_guest);
        CHECK(said_by([&] { return ctl::detach("1-5", false, json); }).status ==
              ctl::exit_no_device);
    }
}

TEST_CASE("a guest is paused and resumed, in words") {
    const Moving machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, stick_unit);
    CHECK(said_by([] { return ctl::pause("win10", false); }).out ==
          "win10 is paused and gave 1 device back; 'usb-hotplugctl resume win10' ends that\n");
    CHECK(said_by([] { return ctl::resume("win10", false); }).out ==
          "win10 goes on; 1 device given again\n");
    CHECK(said_by([] { return ctl::resume("win10", false); }).out == "win10 is not paused\n");
}

TEST_CASE("a guest is paused and resumed, as JSON") {
    const Moving machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, stick_unit);
    const auto check = [](const Said& said, const char* shape) {
        CHECK(said.status == ctl::exit_success);
        CHECK(said.json().dump() == shape);
    };
    check(said_by([] { return ctl::pause("win10", true); }),
          R"({"version":1,"guest":"win10","paused":true,"devices":1})");
    check(said_by([] { return ctl::pause("win10", true); }),
          R"({"version":1,"guest":"win10","paused":true,"devices":0})");
    check(said_by([] { return ctl::resume("win10", true); }),
          R"({"version":1,"guest":"win10","paused":false,"devices":1})");
    check(said_by([] { return ctl::resume("win10", true); }),
          R"({"version":1,"guest":"win10","paused":false,"devices":0})");
}

TEST_CASE("what could not be taken back by a pause is a failure, beside the JSON") {
    const Moving machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, stick_unit);
    fakes().detach = [] { return DetachOutcome::NoAnswer; };
    const Said said = said_by([] { return ctl::pause("win10", true); });
    CHECK(said.status == ctl::exit_failure);
    CHECK(said.json()["devices"] == 0);
}

TEST_CASE("the status of a device, as JSON") {
    const Moving machine;
    (void)machine.guest("win10");
    fakes().job(UnitVerb::Start, stick_unit);
    const Said said = said_by([] { return ctl::status("1-4", true); });
    const Json json = said.json();
    CHECK(keys_of(json) == Keys{"version", "device", "events"});
    Keys keys = device_keys;
    keys.emplace_back("unit_state");
    CHECK(keys_of(json["device"]) == keys);
    CHECK(json["device"]["unit_state"] == "active");
    CHECK(json["device"]["state"] == "attached");
    CHECK(json["events"].is_array());
}
