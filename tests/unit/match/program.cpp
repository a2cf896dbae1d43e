// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of the program usb-hotplug-match as udev runs it: the device in the environment, the
// configuration below a folder of ours, and what udev gets to import, to the letter.

#include "base/unit_name.h"
#include "host/state.h"
#include "model/devices_support.h"
#include "support.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

const std::string node = "/dev/bus/usb/001/005";
const std::string unit_line = "USB_HOTPLUG_UNIT=usb-hotplug@dev-bus-usb-001-005.service\n";

std::string program() {
    const char* path = std::getenv("USB_HOTPLUG_MATCH");
    REQUIRE(path != nullptr);
    return path;
}

/// A machine: its configuration, and one device that is there, so that marks can be about it.
class Machine {
public:
    /// Writes "/etc/usb-hotplug/NAME".
    std::string configure(const std::string& name, std::string_view content) const {
        return folder_.write("etc/usb-hotplug/" + name, content);
    }
    [[nodiscard]] State state() const { return State(folder_ / "run/usb-hotplug"); }
    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

    /// Runs the program for the receiver, changed like this.
    [[nodiscard]] Ended match(const Properties& changes = {},
                              const std::vector<std::string>& arguments = {}) const {
        std::vector<std::string> environment = {"USB_HOTPLUG_ROOT=" + folder_.path()};
        for (const auto& [key, value] : receiver_with(changes)) {
            environment.push_back(key + "=" + value);
        }
        std::vector<std::string> command = {program()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return run_program(command, environment);
    }

private:
    TemporaryFolder folder_;
};

void check_ended(const Ended& ended, int status, std::string_view out, std::string_view err) {
    CHECK(ended.status == status);
    CHECK(ended.out == out);
    CHECK(ended.err == err);
}

constexpr std::string_view wants_it = "[[usb]]\nid = \"046d:c52b\"\n";
constexpr std::string_view wants_another = "[[usb]]\nid = \"046d:0000\"\n";

/// A folder that /sys has on every machine, in place of a device's.
const std::string any_devpath = "/devices/virtual";

} // namespace

TEST_CASE("a wanted device is said with its guest and its unit") {
    const Machine machine;
    machine.configure("win10.toml", wants_it);
    check_ended(machine.match(), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line, "");
}

TEST_CASE("all guests that want a device are said, the first in line first") {
    const Machine machine;
    machine.configure("a.toml", wants_it);
    machine.configure("b.toml", "[guest]\npriority = 1\n[[usb]]\nall = true\n");
    machine.configure("c.toml", wants_another);
    machine.configure("d.toml", "[[usb]]\nall = true\n[[except]]\nserial = \"4C53AB\"\n");
    machine.configure("e@x:y.toml", "[[usb]]\ninterface = { class = 3, protocol = 2 }\n");
    check_ended(machine.match(), 0, "USB_HOTPLUG_GUESTS=b a e@x:y\n" + unit_line, "");
}

TEST_CASE("a device that nobody wants says nothing") {
    const Machine machine;
    check_ended(machine.match(), 0, "", "");
    machine.configure("win10.toml", wants_another);
    check_ended(machine.match(), 0, "", "");
    machine.configure("win10.toml", "");
    check_ended(machine.match(), 0, "", "");
}

TEST_CASE("a hub says nothing, and no configuration is read for it") {
    const Machine machine;
    machine.configure("win10.toml", "[[usb]]\nall = true\n");
    machine.configure("broken.toml", "[");
    check_ended(machine.match({{"TYPE", "9/0/2"}}), 0, "", "");
    check_ended(machine.match({{"ID_USB_INTERFACES", ":090000:"}}), 0, "", "");
    check_ended(machine.match({{"DEVPATH", "/devices/pci0000:00/usb1"}}), 0, "", "");
}

TEST_CASE("a broken file is said on standard error, and the other guests are said") {
    const Machine machine;
    const std::string broken = machine.configure("broken.toml", "[[usb]]\nid = 1\n");
    machine.configure("win10.toml", wants_it);
    check_ended(machine.match(), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line,
                broken + ":2:6: 'id' in [[usb]] must be a string, not a number\n");
    machine.configure("win10.toml", "rubbish");
    const Ended none = machine.match();
    CHECK(none.status == 0);
    CHECK(none.out.empty());
}

TEST_CASE("the unit of a device that the user released is not said, its guests are") {
    const Machine machine;
    machine.configure("win10.toml", wants_it);
    const Properties at_any = {{"DEVPATH", any_devpath}};
    const std::string plug = plug_id("/sys" + any_devpath);
    REQUIRE_FALSE(plug.empty());
    const std::string instance = escape_path(node);
    check_ended(machine.match(at_any), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line, "");
    REQUIRE(machine.state().write_mark(Mark::Released, instance, "win10", plug));
    check_ended(machine.match(at_any), 0, "USB_HOTPLUG_GUESTS=win10\n", "");
    // Plugged in again: another folder in /sys, by the same number.
    REQUIRE(machine.state().write_mark(Mark::Released, instance, "win10", plug + "0"));
    check_ended(machine.match(at_any), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line, "");
}

TEST_CASE("a device that was given away by hand is that guest's alone") {
    const Machine machine;
    machine.configure("win10.toml", wants_it);
    machine.configure("work.toml", "");
    const Properties at_any = {{"DEVPATH", any_devpath}};
    const std::string plug = plug_id("/sys" + any_devpath);
    REQUIRE(machine.state().write_mark(Mark::ByHand, escape_path(node), "work", plug));
    check_ended(machine.match(at_any), 0, "USB_HOTPLUG_GUESTS=work\n" + unit_line, "");
    REQUIRE(machine.state().write_mark(Mark::ByHand, escape_path(node), "gone", plug));
    check_ended(machine.match(at_any), 0, "", "");
}

TEST_CASE("the guest that had the port is said first, for a while") {
    const Machine machine;
    machine.configure("a.toml", wants_it);
    machine.configure("b.toml", wants_it);
    machine.configure("c.toml", wants_another);
    const auto said = [&](const std::string& guest, std::chrono::milliseconds ago) {
        REQUIRE(machine.state().write_departure({"1-4.2"}, {guest, "7", now_since_boot() - ago}));
        return machine.match().out;
    };
    using std::chrono::seconds;
    CHECK(said("b", seconds(1)) == "USB_HOTPLUG_GUESTS=b a\n" + unit_line);
    CHECK(said("b", seconds(11)) == "USB_HOTPLUG_GUESTS=a b\n" + unit_line);
    CHECK(said("c", seconds(1)) == "USB_HOTPLUG_GUESTS=a b\n" + unit_line);
    CHECK(said("x\nUSB_HOTPLUG_UNIT=evil", seconds(1)) == "USB_HOTPLUG_GUESTS=a b\n" + unit_line);
}

TEST_CASE("the record of an attached device changes nothing") {
    const Machine machine;
    machine.configure("win10.toml", wants_it);
    AttachRecord record;
    record.instance = escape_path(node);
    record.guest = "work";
    REQUIRE(machine.state().write_record(record));
    check_ended(machine.match(), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line, "");
}

TEST_CASE("configuration in /run and /usr/lib counts too") {
    const Machine machine;
    machine.configure("a.toml", wants_another);
    (void)machine.folder().write("run/usb-hotplug/a.toml", wants_it);
    (void)machine.folder().write("run/usb-hotplug/b.toml", wants_it);
    (void)machine.folder().write("usr/lib/usb-hotplug/b.toml", wants_another);
    (void)machine.folder().write("usr/lib/usb-hotplug/c.toml", wants_it);
    check_ended(machine.match(), 0, "USB_HOTPLUG_GUESTS=b c\n" + unit_line, "");
}

TEST_CASE("an attribute is read from the device's folder in /sys") {
    const Machine machine;
    // The loopback interface is in every /sys, and its addresses are six bytes long.
    const Properties loopback = {{"DEVPATH", "/devices/virtual/net/lo"}};
    machine.configure("win10.toml", "[[usb]]\nattribute = { addr_len = \"6\" }\n");
    check_ended(machine.match(loopback), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line, "");
    machine.configure("win10.toml", "[[usb]]\nattribute = { addr_len = \"7\" }\n");
    check_ended(machine.match(loopback), 0, "", "");
    machine.configure("win10.toml", "[[usb]]\nattribute = { missing = \"*\" }\n");
    check_ended(machine.match(loopback), 0, "", "");
}

TEST_CASE("without a device in the environment it fails and says so") {
    check_ended(run_program({program()}, {}), 1, "",
                "Not a USB device: SUBSYSTEM is '', DEVTYPE is ''\n");
    const Machine machine;
    machine.configure("win10.toml", "[[usb]]\nall = true\n");
    check_ended(machine.match({{"DEVTYPE", "usb_interface"}}), 1, "",
                "Not a USB device: SUBSYSTEM is 'usb', DEVTYPE is 'usb_interface'\n");
    check_ended(machine.match({{"DEVNUM", "5\n"}}), 1, "",
                "USB device /devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2 has no usable "
                "DEVPATH, BUSNUM, DEVNUM and PRODUCT property\n");
}

TEST_CASE("no property of a device gets a line of its own into the output") {
    const std::string evil =
        "x\nUSB_HOTPLUG_UNIT=evil.service\nSYSTEMD_WANTS=evil.service\n\x1b[31m";
    const Machine machine;
    machine.configure("win10.toml", "[[usb]]\nall = true\n");
    const std::string wanted = "USB_HOTPLUG_GUESTS=win10\n" + unit_line;
    for (const auto& [key, value] : receiver()) {
        CAPTURE(key);
        const Ended ended = machine.match({{key, evil}});
        // Either the device is described by numbers alone, or it is none.
        CHECK(ended.out == (ended.status == 0 ? wanted : ""));
        CHECK(ended.err.find('\x1b') == std::string::npos);
        CHECK(ended.err.find("\nUSB_HOTPLUG_UNIT") == std::string::npos);
    }
    for (const std::string key : {"ID_MODEL", "ID_SERIAL", "DEVNAME\n", "A\nB", "PWD"}) {
        CAPTURE(key);
        check_ended(machine.match({{key, evil}}), 0, wanted, "");
    }
}

TEST_CASE("hostile names can be matched, and are still not said") {
    const Machine machine;
    machine.configure("win10.toml", "[[usb]]\nproduct = \"a\\nUSB_HOTPLUG_UNIT=*\"\n");
    check_ended(machine.match({{"ID_MODEL_ENC", "a\\x0aUSB_HOTPLUG_UNIT=evil.service"}}), 0,
                "USB_HOTPLUG_GUESTS=win10\n" + unit_line, "");
}

TEST_CASE("a hostile file name is said harmless, and not on standard output") {
    const Machine machine;
    machine.configure("a\nUSB_HOTPLUG_UNIT=x.toml", "[[usb]]\nall = true\n");
    machine.configure("a b.toml", "[[usb]]\nall = true\n");
    const Ended ended = machine.match();
    CHECK(ended.status == 0);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("/a\\x0aUSB_HOTPLUG_UNIT=x.toml: the file's name is ") !=
          std::string::npos);
}

TEST_CASE("odd environments are no crash") {
    const Machine machine;
    machine.configure("win10.toml", "[[usb]]\nall = true\n");
    std::vector<std::string> environment = {"USB_HOTPLUG_ROOT=" + machine.folder().path(),
                                            "no equals sign",
                                            "=",
                                            "=x",
                                            "A=",
                                            "A=B=C",
                                            "LONG=" + std::string(100000, 'x')};
    for (const auto& [key, value] : receiver()) {
        environment.push_back(key + "=" + value);
    }
    check_ended(run_program({program()}, environment), 0, "USB_HOTPLUG_GUESTS=win10\n" + unit_line,
                "");
}

TEST_CASE("help and version are for standard output, a wrong argument is exit status 2") {
    const Machine machine;
    for (const std::string option : {"--help", "-h"}) {
        const Ended help = machine.match({}, {option});
        CHECK(help.status == 0);
        CHECK(help.out.starts_with("usb-hotplug-match\n"));
        CHECK(help.err.empty());
    }
    const Ended version = machine.match({}, {"--version"});
    CHECK(version.status == 0);
    CHECK(version.out.starts_with("usb-hotplug "));
    CHECK(version.err.empty());
    check_ended(machine.match({}, {"--hlep"}), 2, "",
                "usb-hotplug-match: unexpected argument '--hlep'; see --help\n");
    check_ended(machine.match({}, {"a\n\x1b"}), 2, "",
                "usb-hotplug-match: unexpected argument 'a\\x0a\\x1b'; see --help\n");
}
