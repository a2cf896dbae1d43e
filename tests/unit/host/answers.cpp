// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/answers: the other port of a connector, and the drivers that a rule sees: those now
// bound, and those that a guest took the device from.

#include "host/answers.h"

#include "model/devices_support.h"
#include "support.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

using Names = std::vector<std::string>;

const std::string instance = "dev-bus-usb-001-005";

void bind(const TemporaryFolder& sys, const std::string& interface, const std::string& driver) {
    sys.link("1-4/" + interface + "/driver", "../../../bus/usb/drivers/" + driver);
}

/// Makes two ports one connector.
void peers(const TemporaryFolder& sys, const std::string& one, const std::string& other) {
    sys.link(one + "/peer", sys / other);
    sys.link(other + "/peer", sys / one);
}

} // namespace

TEST_CASE("the peer of a root port") {
    const TemporaryFolder sys;
    sys.folder("usb1/1-4");
    sys.folder("usb2/2-3");
    peers(sys, "usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    CHECK(peer_of(sys / "usb1/1-4") == "2-3");
    CHECK(peer_of(sys / "usb2/2-3") == "1-4");
}

TEST_CASE("behind a hub of which both halves are plugged in") {
    const TemporaryFolder sys;
    sys.folder("usb1/1-4/1-4.2/1-4.2.1");
    peers(sys, "usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    peers(sys, "usb1/1-4/1-4:1.0/1-4-port2", "usb2/2-3/2-3:1.0/2-3-port2");
    peers(sys, "usb1/1-4/1-4.2/1-4.2:1.0/1-4.2-port1", "usb2/2-3/2-3.2/2-3.2:1.0/2-3.2-port1");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.2");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2/1-4.2.1") == "2-3.2.1");
    CHECK(peer_of(sys / "usb2/2-3/2-3.2/2-3.2.1") == "1-4.2.1");
}

TEST_CASE("behind a hub that has one half only, its port names what is behind") {
    const TemporaryFolder sys;
    sys.folder("usb1/1-4/1-4.2/1-4.2.1");
    sys.folder("usb1/1-4/1-4:1.0/1-4-port2");
    peers(sys, "usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.2");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2/1-4.2.1") == "2-3.2.1");
}

TEST_CASE("the nearest port with a peer decides") {
    const TemporaryFolder sys;
    sys.folder("usb1/1-4/1-4.2");
    peers(sys, "usb1/1-0:1.0/usb1-port4", "usb2/2-0:1.0/usb2-port3");
    peers(sys, "usb1/1-4/1-4:1.0/1-4-port2", "usb2/2-3/2-3:1.0/2-3-port7");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.7");
}

TEST_CASE("a hub in another configuration is found by the device's own link") {
    const TemporaryFolder sys;
    sys.folder("usb1/1-4/1-4.2");
    peers(sys, "usb1/1-4/1-4:2.0/1-4-port2", "usb2/2-3/2-3:1.0/2-3-port2");
    sys.link("usb1/1-4/1-4.2/port", sys / "usb1/1-4/1-4:2.0/1-4-port2");
    CHECK(peer_of(sys / "usb1/1-4/1-4.2") == "2-3.2");
}

TEST_CASE("a port without a peer") {
    const TemporaryFolder sys;
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
    const TemporaryFolder sys;
    sys.folder("usb1/1-4");
    sys.link("usb1/1-0:1.0/usb1-port4/peer", "../../nothing");
    CHECK(peer_of(sys / "usb1/1-4").empty());
}

TEST_CASE("drivers are those of the interfaces, each once") {
    const TemporaryFolder sys;
    const State state(sys / "state");
    sys.folder("1-4/1-4:1.3");
    sys.link("1-4/driver", "../bus/usb/drivers/usb");
    sys.link("1-4/1-4.1/driver", "../bus/usb/drivers/usb");
    CHECK(drivers_of(sys / "1-4", instance, "7", state).empty());
    bind(sys, "1-4:1.0", "usbhid");
    bind(sys, "1-4:1.1", "usbhid");
    bind(sys, "1-4:1.2", "snd-usb-audio");
    CHECK(drivers_of(sys / "1-4", instance, "7", state) == Names{"snd-usb-audio", "usbhid"});
    CHECK(drivers_of(sys / "gone", instance, "7", state).empty());
}

TEST_CASE("what a guest took away still counts, for this plugging in") {
    const TemporaryFolder sys;
    const State state(sys / "state");
    bind(sys, "1-4:1.0", "usbfs");
    CHECK(drivers_of(sys / "1-4", instance, "7", state).empty());
    AttachRecord record;
    record.instance = instance;
    record.guest = "win10";
    record.plug = "7";
    record.drivers = {"usbhid"};
    REQUIRE(state.write_record(record));
    CHECK(state.read_record(instance).value()->drivers == Names{"usbhid"});
    CHECK(drivers_of(sys / "1-4", instance, "7", state) == Names{"usbhid"});
    CHECK(drivers_of(sys / "1-4", instance, "8", state).empty());
    CHECK(drivers_of(sys / "1-4", instance, "", state).empty());
    CHECK(drivers_of(sys / "1-4", "dev-bus-usb-001-006", "7", state).empty());
    bind(sys, "1-4:1.1", "uas");
    CHECK(drivers_of(sys / "1-4", instance, "7", state) == Names{"uas", "usbhid"});
    REQUIRE(state.remove_record(instance));
    CHECK(drivers_of(sys / "1-4", instance, "7", state) == Names{"uas"});
}

TEST_CASE("a record of an earlier version has no drivers") {
    const TemporaryFolder sys;
    const State state(sys / "state");
    sys.write("state/attached/" + instance, "guest = 'win10'\nplug = '7'\n");
    CHECK(state.read_record(instance).value()->drivers.empty());
}

TEST_CASE("answers are those that were asked for") {
    const TemporaryFolder sys;
    const State state(sys / "state");
    bind(sys, "1-4:1.0", "uas");
    Device device = device_with();
    device.syspath = sys / "1-4";
    device.drivers.clear();
    answer({}, state, device);
    CHECK(device.drivers.empty());
    answer({false, true}, state, device);
    CHECK(device.drivers == Names{"uas"});
}

namespace {

AttachRecord record_at(const std::string& port, const std::string& syspath,
                       const std::string& plug) {
    AttachRecord record;
    record.instance = "dev-bus-usb-001-004";
    record.guest = "phone";
    record.port = port;
    record.syspath = syspath;
    record.plug = plug;
    return record;
}

Device at_port(const std::string& port) {
    Device device = device_with();
    device.port = port;
    return device;
}

} // namespace

TEST_CASE("the tenant of a port is who left it, under either of its names") {
    const TemporaryFolder folder;
    const State state(folder.path());
    CHECK_FALSE(tenant_of(at_port("1-4"), state));
    REQUIRE(state.write_departure({"1-4", "2-3"},
                                  {"phone", "7", now_since_boot() - std::chrono::seconds(5)}));
    for (const char* port : {"1-4", "2-3"}) {
        const auto tenant = tenant_of(at_port(port), state);
        REQUIRE(tenant);
        CHECK(tenant->guest == "phone");
        CHECK(tenant->ago >= std::chrono::seconds(5));
        CHECK(tenant->ago < std::chrono::seconds(9));
    }
    CHECK_FALSE(tenant_of(at_port("1-4.1"), state));
    CHECK_FALSE(tenant_of(at_port("2-4"), state));
}

TEST_CASE("a guest whose device has left is the tenant before its stop has run") {
    const TemporaryFolder folder;
    const State state(folder.path());
    const std::string here = folder.folder("1-4");
    AttachRecord record = record_at("1-4", here, plug_id(here) + "0");
    record.peer = "2-3";
    REQUIRE(state.write_record(record));
    for (const char* port : {"1-4", "2-3"}) {
        const auto tenant = tenant_of(at_port(port), state);
        REQUIRE(tenant);
        CHECK(tenant->guest == "phone");
        CHECK(tenant->ago.count() == 0);
    }
    CHECK_FALSE(tenant_of(at_port("1-5"), state));
    // Its stop has begun: the time it noted counts.
    REQUIRE(state.write_departure(
        {"1-4"}, {"phone", record.plug, now_since_boot() - std::chrono::seconds(3)}));
    CHECK(tenant_of(at_port("1-4"), state)->ago >= std::chrono::seconds(3));
    // Another one left before it.
    REQUIRE(state.write_departure({"1-4"}, {"older", "1", now_since_boot()}));
    CHECK(tenant_of(at_port("1-4"), state)->guest == "phone");
}

TEST_CASE("a device that is still there is nobody's tenant") {
    const TemporaryFolder folder;
    const State state(folder.path());
    const std::string here = folder.folder("1-4");
    REQUIRE(state.write_record(record_at("1-4", here, plug_id(here))));
    CHECK_FALSE(tenant_of(at_port("1-4"), state));
}
