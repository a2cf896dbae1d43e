// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/arrivals: devices are plugged into a fake machine of the test's own. It is asked
// for through libumockdev's functions, looked up at run time: there need not be a -dev package.

#include "host/arrivals.h"

#include "host/fake_machine.h"
#include "support.h"

#include <dlfcn.h>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

template <class Function>
Function* function(const char* name) {
    static void* const library = dlopen("libumockdev.so.0", RTLD_NOW);
    REQUIRE(library != nullptr);
    auto* const found = reinterpret_cast<Function*>(dlsym(library, name));
    const bool is_there = found != nullptr;
    REQUIRE(is_there);
    return found;
}

/// umockdev's, in place of that of the test program until the end of the scope.
class Testbed {
public:
    Testbed() : testbed_(function<void*()>("umockdev_testbed_new")()) {}
    Testbed(const Testbed&) = delete;
    Testbed& operator=(const Testbed&) = delete;
    ~Testbed() { function<void(void*)>("g_object_unref")(testbed_); }

    /// Adds a device, which sends the event "add". `more` are properties, as "KEY=value".
    void plug_in(const std::string& number, const std::string& type,
                 const std::string& more = "ID_VENDOR_ID=046d") const {
        const std::string text =
            "P: /devices/pci0000:00/usb1/1-" + number +
            "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: PRODUCT=46d/c077/1\nE: TYPE=" + type +
            "\nE: BUSNUM=001\nE: DEVNUM=00" + number + "\nE: " + more + "\n";
        using Add = int(void*, const char*, void**);
        REQUIRE(function<Add>("umockdev_testbed_add_from_string")(testbed_, text.c_str(),
                                                                  nullptr) != 0);
    }
    void announce(const std::string& number, const char* action) const {
        using Event = void(void*, const char*, const char*);
        function<Event>("umockdev_testbed_uevent")(
            testbed_, ("/sys/devices/pci0000:00/usb1/1-" + number).c_str(), action);
    }

private:
    EnvironmentVariable before_{"UMOCKDEV_DIR", fake_root()}; // which umockdev changes
    void* testbed_;
};

constexpr auto soon = std::chrono::milliseconds(50);
constexpr auto long_enough = std::chrono::seconds(10);

} // namespace

TEST_CASE("devices that are plugged in are seen in turn, hubs and other events are not") {
    const Testbed testbed;
    testbed.plug_in("1", "0/0/0"); // before
    auto arrivals = Arrivals::open();
    REQUIRE(arrivals);
    testbed.plug_in("2", "9/0/2");
    testbed.announce("1", "change");
    testbed.announce("1", "bind");
    testbed.announce("1", "remove");
    testbed.plug_in("3", "0/0/0");
    testbed.plug_in("4", "0/0/0");
    for (const char* port : {"1-3", "1-4"}) {
        const auto device = arrivals->next(long_enough);
        REQUIRE(device);
        REQUIRE(device->has_value());
        CHECK((*device)->port == port);
    }
    const auto none = arrivals->next(soon);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
}

TEST_CASE("devices that were there before are not seen, though somebody announces them again") {
    const Testbed testbed;
    testbed.plug_in("1", "0/0/0"); // before
    auto arrivals = Arrivals::open();
    REQUIRE(arrivals);
    testbed.announce("1", "add");
    testbed.plug_in("2", "0/0/0", "SYNTH_UUID=0");
    testbed.plug_in("3", "0/0/0");
    const auto device = arrivals->next(long_enough);
    REQUIRE(device);
    REQUIRE(device->has_value());
    CHECK((*device)->port == "1-3");
    const auto none = arrivals->next(soon);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
}
