// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The drivers that a rule sees: those now bound, and those that a guest took the device from.

#include "fake_sysfs.h"
#include "host/answers.h"
#include "rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::rule_test;

namespace {

using Names = std::vector<std::string>;

const std::string instance = "dev-bus-usb-001-005";

void bind(const FakeSysfs& sys, const std::string& interface, const std::string& driver) {
    sys.link("1-4/" + interface + "/driver", "../../../bus/usb/drivers/" + driver);
}

} // namespace

TEST_CASE("drivers are those of the interfaces, each once") {
    const FakeSysfs sys;
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
    const FakeSysfs sys;
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
    const FakeSysfs sys;
    const State state(sys / "state");
    sys.folder("state/attached");
    std::ofstream(sys / ("state/attached/" + instance)) << "guest = 'win10'\nplug = '7'\n";
    CHECK(state.read_record(instance).value()->drivers.empty());
}

TEST_CASE("answers are those that were asked for") {
    const FakeSysfs sys;
    const State state(sys / "state");
    bind(sys, "1-4:1.0", "uas");
    Device device = receiver();
    device.syspath = sys / "1-4";
    device.drivers.clear();
    answer({}, state, device);
    CHECK(device.drivers.empty());
    answer({false, true}, state, device);
    CHECK(device.drivers == Names{"uas"});
}
