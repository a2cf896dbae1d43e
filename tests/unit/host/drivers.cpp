// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/drivers: which interfaces have a driver, and waiting until they have. The program
// runs under umockdev-run, so the kernel's file to probe with is one of ours.

#include "host/drivers.h"

#include "host/fake_machine.h"
#include "support.h"

#include <doctest/doctest.h>
#include <filesystem>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using std::chrono::milliseconds;

namespace {

using Names = std::vector<std::string>;

/// A device's folder in /sys, with its interfaces and their drivers.
class Interfaces {
public:
    void add(const std::string& name, const std::string& driver = "") const {
        const std::string folder = folder_.folder(name);
        if (!driver.empty()) {
            std::filesystem::create_directory_symlink("/sys/bus/usb/drivers/" + driver,
                                                      folder + "/driver");
        }
    }
    [[nodiscard]] const std::string& path() const { return folder_.path(); }

private:
    TemporaryFolder folder_;
};

constexpr std::string_view probe = "/sys/bus/usb/drivers_probe";

std::string probed() {
    return content_of(fake_root() + std::string(probe));
}

} // namespace

TEST_CASE("the interfaces that a kernel driver has are listed, in order") {
    const Interfaces device;
    device.add("1-4:1.2", "usbhid");
    device.add("1-4:1.0", "snd-usb-audio");
    device.add("1-4:1.1");
    device.add("1-4:1.3", "usbfs");
    device.add("power", "no-interface");
    device.add("1-4.1", "usb");
    CHECK(driven_interfaces(device.path()) == Names{"1-4:1.0", "1-4:1.2"});
}

TEST_CASE("a device that is gone, or has no interfaces, has no drivers") {
    const Interfaces bare;
    CHECK(driven_interfaces(bare.path()).empty());
    CHECK(driven_interfaces(bare.path() + "/missing").empty());
}

TEST_CASE("nothing is waited for when every interface has its driver, or none is needed") {
    const FakeFile kernel(probe, "");
    const Interfaces device;
    device.add("1-4:1.0", "usbhid");
    device.add("1-4:1.1", "usbhid");
    CHECK(wait_for_drivers(device.path(), {"1-4:1.1", "1-4:1.0"}, milliseconds(0)) == Rebind::Done);
    CHECK(wait_for_drivers(device.path(), {"1-4:1.1"}, milliseconds(0)) == Rebind::Done);
    CHECK(wait_for_drivers(device.path(), {}, milliseconds(0)) == Rebind::Done);
    CHECK(probed().empty());
}

TEST_CASE("the kernel is asked to find a driver for an interface that nobody has") {
    const FakeFile kernel(probe, "");
    const Interfaces device;
    device.add("1-4:1.0", "usbhid");
    device.add("1-4:1.1");
    CHECK(wait_for_drivers(device.path(), {"1-4:1.0"}, milliseconds(0)) == Rebind::Done);
    CHECK(probed() == "1-4:1.1");
}

TEST_CASE("an interface that user space has is left alone") {
    const FakeFile kernel(probe, "");
    const Interfaces device;
    device.add("1-4:1.0", "usbfs");
    CHECK(wait_for_drivers(device.path(), {"1-4:1.0"}, milliseconds(1)) == Rebind::StillUnbound);
    CHECK(probed().empty());
}

TEST_CASE("waiting ends at the limit when a driver does not come, also without the kernel's file") {
    const Interfaces device;
    device.add("1-4:1.0");
    CHECK(wait_for_drivers(device.path(), {"1-4:1.0"}, milliseconds(50)) == Rebind::StillUnbound);
    CHECK(wait_for_drivers(device.path(), {"1-4:1.7"}, milliseconds(1)) == Rebind::StillUnbound);
}

TEST_CASE("a device that is gone is not waited for") {
    const Interfaces device;
    CHECK(wait_for_drivers(device.path() + "/missing", {"1-4:1.0"}, milliseconds(60000)) ==
          Rebind::DeviceGone);
    CHECK(wait_for_drivers(device.path() + "/missing", {}, milliseconds(60000)) ==
          Rebind::DeviceGone);
}
