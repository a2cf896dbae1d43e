// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of list, tree, guests, status and log as they are run, on a machine that has no systemd and
// so knows no situation. What they show of one that has, tests/machine/test_seeing.py sees.

#include "ctl/machine.h"

#include <nlohmann/json.hpp>

using namespace usb_hotplug::test;
using Json = nlohmann::ordered_json;

namespace {

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) {
        keys.push_back(key);
    }
    return keys;
}

const std::vector<std::string> device_keys = {"port",    "node",   "id",     "vendor",
                                              "product", "serial", "hub",    "disk",
                                              "guest",   "state",  "reason", "unit"};

} // namespace

TEST_CASE("the tree is of buses and what is plugged in below, drawn in ASCII in a pipe") {
    const Machine machine;
    const Ended ended = machine.ctl({"tree"});
    CHECK(ended.status == 1); // no systemd
    CHECK(has(ended.out, "PORT  SPEED ID        DEVICE"));
    CHECK(has(ended.out, "\nusb1  -     1d6b:0002 "));
    CHECK(has(ended.out, "\n|-1-4 480M  0781:5567 SanDisk Cruzer Blade "));
    CHECK(has(ended.out, "\n`-1-7 -     0bad:0001 "));
    CHECK_FALSE(has(ended.out, "\x1b"));
    CHECK(has(ended.err, "system bus"));
}

TEST_CASE("a device behind a hub is below it in the tree") {
    const Machine machine;
    std::string text;
    for (const auto& [path, number, type] : {std::tuple{"usb1", "001", "9/0/1"},
                                             {"usb1/1-4", "002", "9/0/2"},
                                             {"usb1/1-4/1-4.2", "003", "0/0/0"},
                                             {"usb1/1-10", "004", "0/0/0"},
                                             {"usb2/2-3", "005", "0/0/0"}}) {
        const bool first = std::string(path).starts_with("usb1");
        text +=
            std::string("P: /devices/pci0000:00/") + path + "\nN: bus/usb/00" +
            (first ? "1/" : "2/") + number +
            "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: PRODUCT=46d/c077/1\nE: TYPE=" + type +
            "\nE: BUSNUM=00" + (first ? "1" : "2") + "\nE: DEVNUM=" + number +
            "\nE: ID_VENDOR_ID=046d\nE: ID_MODEL_ENC=Thing\nA: maxchild=4\\n\n\n";
    }
    const std::string devices = machine.folder().write("tree.umockdev", text);
    const Ended drawn = machine.ctl_with(devices, {"tree"});
    CHECK(has(drawn.out, "\nusb1      -     046d:c077 Thing, 4 ports "));
    CHECK(has(drawn.out, "\n|-1-4     -     046d:c077 Thing, 4 ports "));
    CHECK(has(drawn.out, "\n| `-1-4.2 -     046d:c077 Thing "));
    CHECK(has(drawn.out, "\n`-1-10    -     046d:c077 Thing "));
    CHECK(has(drawn.out, "\n2-3       -     046d:c077 Thing ")); // its bus is not there
    const Json json = Json::parse(machine.ctl_with(devices, {"tree", "--json"}).out);
    CHECK(keys_of(json) == std::vector<std::string>{"version", "buses", "errors"});
    REQUIRE(json["buses"].size() == 2);
    const Json& bus = json["buses"][0];
    CHECK(keys_of(bus) == std::vector<std::string>{"port", "node", "id", "vendor", "product",
                                                   "serial", "hub", "disk", "speed", "ports",
                                                   "devices"});
    CHECK(bus["ports"] == 4);
    REQUIRE(bus["devices"].size() == 2);
    CHECK(bus["devices"][0]["devices"][0]["port"] == "1-4.2");
    CHECK(bus["devices"][1]["ports"].is_null());
    auto keys = device_keys;
    keys.insert(keys.end(), {"speed", "ports", "devices"});
    CHECK(keys_of(bus["devices"][1]) == keys);
}

TEST_CASE("the list as JSON") {
    const Machine machine;
    (void)machine.guest("broken", "[[usb]\n");
    const Ended ended = machine.ctl({"list", "--json"});
    CHECK(ended.status == 1);
    const Json json = Json::parse(ended.out);
    CHECK(keys_of(json) == std::vector<std::string>{"version", "devices", "errors"});
    CHECK(json["version"] == 1);
    REQUIRE(json["devices"].size() == 4);
    const Json& stick = json["devices"][0];
    CHECK(keys_of(stick) == device_keys);
    CHECK(stick["port"] == "1-4");
    CHECK(stick["serial"] == "4C530001230415112345");
    CHECK(stick["state"] == "unknown");
    CHECK(stick["guest"].is_null());
    CHECK(json["devices"][1]["serial"].is_null());
    CHECK(json["devices"][3]["vendor"] == "\"\\x0a[[usb]]\\x0aall = true\\x0a#");
    REQUIRE(json["errors"].size() == 1);
    CHECK(has(json["errors"][0].get<std::string>(), "broken.toml:1:"));
}

TEST_CASE("guests that nobody can ask about") {
    const Machine machine;
    const std::string file = machine.guest("win10", "[guest]\ndomain = \"Win 10\"\n");
    const Ended ended = machine.ctl({"guests"});
    CHECK(ended.status == 1);
    CHECK(ended.out ==
          "GUEST ENABLED STATE   DEVICES WAITING FREE PORTS DOMAIN\n"
          "win10 unknown unknown 0       0       -          Win 10 at qemu:///system\n");
    const Json json = Json::parse(machine.ctl({"guests", "--json"}).out);
    CHECK(keys_of(json) == std::vector<std::string>{"version", "guests", "errors"});
    REQUIRE(json["guests"].size() == 1);
    const Json& guest = json["guests"][0];
    CHECK(keys_of(guest) == std::vector<std::string>{"name", "file", "domain", "hypervisor",
                                                     "priority", "enabled", "paused", "state",
                                                     "attached", "waiting", "ports", "free_ports",
                                                     "usb3", "problem"});
    CHECK(guest["file"] == file);
    CHECK(guest["enabled"].is_null());
    CHECK(guest["attached"] == 0);
    CHECK_FALSE(guest["problem"].is_null());
}

TEST_CASE("what is not there to be seen") {
    const Machine machine;
    (void)machine.guest("win10", "[guest]\n");
    CHECK(machine.ctl({"status", "1-9"}).status == 3);
    CHECK(machine.ctl({"status", "046d:c077"}).status == 4);
    CHECK(machine.ctl({"status"}).status == 2);
    CHECK(machine.ctl({"log", "--lines", "0"}).status == 2);
    // What was once plugged in, or written of a guest, is known to the journal alone.
    for (const char* what : {"1-9", "DEAD:beef", "/dev/bus/usb/001/099", "win10",
                             "usb-hotplug@dev-bus-usb-001-099.service"}) {
        const Ended ended = machine.ctl({"log", what});
        CHECK(ended.status == 0);
        CHECK(ended.out.empty());
        CHECK(has(ended.err, "no message"));
    }
    const Ended ended = machine.ctl({"log", "win1"});
    CHECK(ended.status == 5);
    CHECK(ended.err == "usb-hotplugctl: No guest 'win1' is configured; did you mean 'win10'?\n");
}

TEST_CASE("a mistyped verb is answered with the one that was meant") {
    const Machine machine;
    const Ended ended = machine.ctl({"staus", "1-4"});
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err == "usb-hotplugctl: There is no verb 'staus'; did you mean 'status'?\n"
                       "Run with --help for more information.\n");
    CHECK(has(machine.ctl({"frobnicate"}).err, "There is no verb 'frobnicate'\n"));
}

TEST_CASE("a mistyped device is answered with one that may be meant") {
    const Machine machine;
    const auto answer = [&](const char* word) {
        const Ended ended = machine.ctl({"status", word});
        CHECK(ended.status == 3);
        return ended.err.substr(ended.err.find("; ") + 2);
    };
    CHECK(answer("1-44") == "did you mean 1-4 (SanDisk Cruzer Blade)?\n");
    CHECK(answer("0781:5667") == "did you mean 0781:5567 (SanDisk Cruzer Blade)?\n");
    CHECK(answer("/dev/bus/usb/01/006") ==
          "did you mean /dev/bus/usb/001/006 (Logitech USB Optical Mouse)?\n");
    CHECK(answer("cruzer") == "did you mean 1-4 (SanDisk Cruzer Blade)?\n");
    CHECK(answer("something else").starts_with("name it by port (1-4.2), "));
}

TEST_CASE("explanations as JSON") {
    const Machine machine;
    (void)machine.guest("win10", "[[usb]]\ndescription = \"Stick\"\nid = \"0781:5567\"\n"
                                 "[[usb]]\nport = \"1-9\"\n[[except]]\nid = \"0781:5567\"\n"
                                 "enabled = false\n");
    const Json json = Json::parse(machine.ctl({"explain", "1-4", "--json"}).out);
    CHECK(keys_of(json) == std::vector<std::string>{"version", "device", "guests", "errors"});
    auto keys = device_keys;
    keys.insert(keys.end(), {"peer", "class", "interfaces", "drivers"});
    CHECK(keys_of(json["device"]) == keys);
    CHECK(json["device"]["interfaces"] == Json{"8/6/80"});
    REQUIRE(json["guests"].size() == 1);
    const Json& guest = json["guests"][0];
    CHECK(keys_of(guest) ==
          std::vector<std::string>{"name", "file", "priority", "wish", "availability", "rules"});
    CHECK(guest["wish"] == "wanted");
    CHECK(guest["availability"] == "unreachable");
    REQUIRE(guest["rules"].size() == 3);
    CHECK(guest["rules"][0].dump() ==
          R"({"table":"usb","line":1,"description":"Stick","enabled":true,"holds":true,)"
          R"("key":null,"actual":null,"wanted":null})");
    CHECK(guest["rules"][1].dump() ==
          R"({"table":"usb","line":4,"description":null,"enabled":true,"holds":false,)"
          R"("key":"port","actual":"1-4","wanted":"1-9"})");
    CHECK(guest["rules"][2]["enabled"] == false);
    CHECK(guest["rules"][2]["holds"] == false);
    const std::string file = machine.folder() / "stick.umockdev";
    REQUIRE(machine.ctl({"explain", "1-4", "--record", file}).status == 0);
    const Ended described = machine.ctl({"explain", "--device", file, "--json"});
    CHECK(described.status == 0);
    const Json there = Json::parse(described.out);
    CHECK_FALSE(there["device"].contains("state"));
    CHECK(there["guests"][0]["wish"] == "wanted");
    CHECK(there["guests"][0]["availability"].is_null());
}

TEST_CASE("rules that are made, as JSON") {
    const Machine machine;
    const Json rule = Json::parse(machine.ctl({"rule", "1-4", "--json"}).out);
    CHECK(keys_of(rule) == std::vector<std::string>{"version", "device", "rule"});
    CHECK(rule["device"]["port"] == "1-4");
    CHECK(has(rule["rule"].get<std::string>(), "[[usb]]\n"));
    const Ended ended = machine.ctl({"learn", "win10", "1-4", "--json"});
    CHECK(ended.status == 0);
    const Json learnt = Json::parse(ended.out);
    CHECK(keys_of(learnt) ==
          std::vector<std::string>{"version", "device", "guest", "file", "line", "rule"});
    CHECK(learnt["rule"] == rule["rule"]);
    CHECK(learnt["file"] == machine.folder() / "etc/usb-hotplug/win10.toml");
}

TEST_CASE("the doctor is check") {
    const Machine machine;
    const Ended doctor = machine.ctl({"doctor", "--json"});
    CHECK(doctor.status == 1); // no guest
    CHECK(doctor.out == machine.ctl({"check", "--json"}).out);
    CHECK(has(machine.ctl({"docter"}).err, "did you mean 'doctor'?"));
}
