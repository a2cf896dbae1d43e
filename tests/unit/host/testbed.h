// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A fake machine that devices are plugged into. It is asked for through libumockdev's functions,
// looked up at run time: there need not be a -dev package.

#pragma once

#include "host/fake_machine.h"
#include "support.h"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <string>

namespace usb_hotplug::test {

template <class Function>
inline Function* function(const char* name) {
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

} // namespace usb_hotplug::test
