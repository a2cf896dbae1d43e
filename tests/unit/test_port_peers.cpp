// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One connector, two ports: a rule about either port is about both.

#include "fake_sysfs.h"
#include "host/answers.h"
#include "rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::rule_test;

namespace {

Device at(const std::string& port, const std::string& peer) {
    Device device = receiver();
    device.port = port;
    device.peer = peer;
    return device;
}

} // namespace

TEST_CASE("a rule about either port of a connector holds") {
    check_rules(at("1-4", "2-3"), {
                                      {"port = \"1-4\"", true},
                                      {"port = \"2-3\"", true},
                                      {"port = \"1-3\"", false},
                                      {"port = \"2-4\"", false},
                                      {"port = \"2-3.*\"", false},
                                      {"port = [\"3-1\", \"2-3\"]", true},
                                  });
    check_rules(at("1-4.2.1", "2-3.2.1"), {
                                              {"port = \"1-4.*\"", true},
                                              {"port = \"2-3.*\"", true},
                                              {"port = \"2-3.2.*\"", true},
                                              {"port = \"2-3.2.1\"", true},
                                              {"port = \"2-3.2.1.*\"", false},
                                              {"port = \"2-3.2\"", false},
                                              {"port = \"2-4.*\"", false},
                                          });
    check_rules(at("1-4", ""), {{"port = \"1-4\"", true}, {"port = \"2-4\"", false}});
}

TEST_CASE("a bus is one bus") {
    check_rules(at("1-4", "2-3"), {{"bus = 1", true}, {"bus = 2", false}});
}

TEST_CASE("the peer of a root port") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4");
    sys.folder("usb2/2-3");
    sys.peers("usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    CHECK(peer_of(sys / "usb1/1-4") == "2-3");
    CHECK(peer_of(sys / "usb2/2-3") == "1-4");
}

TEST_CASE("behind a hub of which both halves are plugged in") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4/1-4.2/1-4.2.1");
    sys.peers("usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    sys.peers("usb1/1-4/1-4:1.0/1-4-port2", "usb2/2-3/2-3:1.0/2-3-port2");
    sys.peers("usb1/1-4/1-4.2/1-4.2:1.0/1-4.2-port1", "usb2/2-3/2-3.2/2-3.2:1.0/2-3.2-port1");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.2");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2/1-4.2.1") == "2-3.2.1");
    CHECK(peer_of(sys / "usb2/2-3/2-3.2/2-3.2.1") == "1-4.2.1");
}

TEST_CASE("behind a hub that has one half only, its port names what is behind") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4/1-4.2/1-4.2.1");
    sys.folder("usb1/1-4/1-4:1.0/1-4-port2");
    sys.peers("usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.2");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2/1-4.2.1") == "2-3.2.1");
}

TEST_CASE("the nearest port with a peer decides") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4/1-4.2");
    sys.peers("usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    sys.peers("usb1/1-4/1-4:1.0/1-4-port2", "usb2/2-3/2-3:1.0/2-3-port7");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.7");
}

TEST_CASE("a hub in another configuration is found by the device's own link") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4/1-4.2");
    sys.peers("usb1/1-4/1-4:2.0/1-4-port2", "usb2/2-3/2-3:1.0/2-3-port2");
    sys.link("usb1/1-4/1-4.2/port", sys / "usb1/1-4/1-4:2.0/1-4-port2");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.2");
}

TEST_CASE("a port without a peer") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4/1-4.2");
    sys.folder("usb1/1-0:1.0/usb1-port4");
    CHECK(peer_of(sys / "usb1/1-4").empty());
    CHECK(peer_of(sys / "usb1/1-4/1-4.2").empty());
    CHECK(peer_of(sys / "usb1/1-9").empty());
    CHECK(peer_of(sys / "usb1").empty());
    CHECK(peer_of("/").empty());
    CHECK(peer_of("").empty());
}

TEST_CASE("a link to what is no port is none") {
    const FakeSysfs sys;
    sys.folder("usb1/1-4");
    sys.link("usb1/1-0:1.0/usb1-port4/peer", "../../nothing");
    CHECK(peer_of(sys / "usb1/1-4").empty());
}

TEST_CASE("only rules that ask make the device be looked at") {
    const auto asked = [](std::string_view content) {
        const Questions questions = questions_of(parsed(content).guests);
        return std::pair(questions.peer, questions.drivers);
    };
    CHECK(asked("[[usb]]\nid = \"046d:*\"\nproduct = \"x\"\n") == std::pair(false, false));
    CHECK(asked("[[usb]]\nport = \"1-4\"\n") == std::pair(true, false));
    CHECK(asked("[[usb]]\nall = true\n[[except]]\nport = [\"1-4\"]\n") == std::pair(true, false));
    CHECK(asked("[[usb]]\ndriver = \"uas\"\n") == std::pair(false, true));
    CHECK(asked("") == std::pair(false, false));
}
