// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/import_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::imports;
using namespace usb_hotplug::imports::test;

namespace {

constexpr std::string_view script = R"(RUN+="/opt/usb-libvirt-hotplug/usb-libvirt-hotplug.sh vm")";

/// A rule of these matches for the guest "vm".
std::string running(std::string_view matches) {
    return std::string(matches) + (matches.empty() ? "" : ", ") + std::string(script) + "\n";
}

Device at(const std::string& path) {
    return device({{"DEVPATH", "/devices/pci0000:00/0000:00:1a.0/" + path}});
}

} // namespace

TEST_CASE("udev rules that run usb-libvirt-hotplug.sh decide the same") {
    const Imported result = imported(R"(# In the manner of its README
SUBSYSTEM!="usb", GOTO="end"
# The port at the front
SUBSYSTEM=="usb",DEVPATH=="/devices/pci0000:00/0000:00:1a.0/usb1/1-1/1-1.2",RUN+="/opt/usb-libvirt-hotplug/usb-libvirt-hotplug.sh testvm-01"
SUBSYSTEM=="usb", ENV{ID_VENDOR_ID}=="054c", \
  # in between
  ENV{ID_MODEL_ID}=="01c9|01CA", RUN+="/opt/usb-libvirt-hotplug.sh 'Windows 10'"
ACTION=="remove", SUBSYSTEM=="usb", ENV{PRODUCT}=="54c/1c9/*", RUN+="/opt/usb-libvirt-hotplug.sh testvm-01"
ACTION=="add", SUBSYSTEM=="usb", ENV{PRODUCT}=="10c4/ea60/*", MODE="0666", RUN+="/opt/usb-libvirt-hotplug.sh testvm-01"
SUBSYSTEM=="net", NAME="eth9"
LABEL="end"
)");
    check_decisions(result, {
                                {"at the port", at("usb1/1-1/1-1.2"), "testvm-01"},
                                {"behind the port", at("usb1/1-1/1-1.2/1-1.2.1"), ""},
                                {"at the same port of another controller",
                                 at("../0000:00:14.0/usb1/1-1/1-1.2"), ""},
                                {"by id", device_of("054c", "01c9"), "Windows_10"},
                                {"by the other id", device_of("054c", "01ca"), "Windows_10"},
                                {"another product", device_of("054c", "01cb"), ""},
                                {"by what the kernel says", device_of("10c4", "ea60"), "testvm-01"},
                            });
    REQUIRE(result.files.size() == 2);
    CHECK(has(result.files[0].toml, R"([guest]
priority = 10

# file, line 4
# As a port, whichever controller has the bus: port = "1-1.2"
[[usb]]
description = "The port at the front"
property = { DEVPATH = "/devices/pci0000:00/0000:00:1a.0/usb1/1-1/1-1.2" }

# file, line 8 is not needed: devices come back by themselves when they are
#   unplugged.
)"));
    CHECK(result.files[1].guest == "Windows_10");
    CHECK(has(result.files[1].toml, R"([guest]
domain = "Windows 10"

# file, line 5
[[usb]]
id = ["054c:01c9", "054c:01ca"]
)"));
    CHECK(result.remarks ==
          "# Not carried over: file, line 9: MODE=\"0666\". Keep it in a udev rule of its\n"
          "#   own.\n"
          "# Not carried over: the rules of file on line 10, which do not run\n"
          "#   usb-libvirt-hotplug. If you need them, keep them there.\n");
}

TEST_CASE("each match of a udev rule") {
    const Device mouse = device({{"TAGS", ":seat:"}, {"EMPTY", ""}},
                                {{"idVendor", "046d"}, {"idProduct", "c52b"}, {"devpath", "4.2"}});
    struct Case {
        const char* matches;
        bool holds;
    };
    for (const Case& c : {
             Case{"", true},
             {R"(SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device")", true},
             {R"(ACTION!="remove", SUBSYSTEMS=="usb")", true},
             {R"(ACTION=="bind|change")", true},
             {R"(ATTR{idVendor}=="046d", ATTR{idProduct}=="c52b")", true},
             {R"(ATTRS{idVendor}=="046D", ATTRS{idProduct}=="c53*")", false},
             {R"(ATTR{idVendor}=="046d")", true},
             {R"(ATTR{idVendor}=="046e")", false},
             {R"(ENV{ID_VENDOR_ID}=="04*", ENV{ID_MODEL_ID}=="c52b")", true},
             {R"(ENV{ID_MODEL}!="")", true},
             {R"(ENV{ID_SERIAL_SHORT}!="")", false},
             {R"(ENV{ID_USB_INTERFACES}=="*:0301*")", true},
             {R"(ATTR{devpath}=="4.2", ENV{BUSNUM}=="001")", true},
             {R"(KERNEL=="1-4.2")", true},
             {R"(KERNEL=="1-4")", false},
             {R"(KERNEL=="1-4.*")", true},
             {R"(KERNEL=="1-3*|1-4*")", true},
             {R"(KERNELS=="1-4")", true},
             {R"(KERNELS=="1-4.2")", true},
             {R"(KERNELS=="1-4.2.1")", false},
             {R"(KERNELS=="0000:00:14.0")", true},
             {R"(KERNELS=="0000:00:1a.0")", false},
             {R"(KERNELS=="1-4", ATTRS{idVendor}=="046d")", false},
             {R"(KERNELS=="1-4.2", ATTRS{idVendor}=="046d")", true},
             {R"(TAG=="seat")", true},
             {R"(TAG=="door")", false},
             {R"(ENV{ID_MODEL}==i"usb_receiver")", true},
         }) {
        CAPTURE(c.matches);
        const Imported result = imported(running(c.matches));
        check_decisions(result, {{"the mouse", mouse, c.holds ? "vm" : ""}});
        CHECK_FALSE(has(result.files[0].toml, "Not carried over"));
    }
}

TEST_CASE("a udev rule with a match that is no condition is left out as a whole") {
    for (const char* match : {
             R"(ENV{ID_MODEL}!="x")",
             R"(ENV{ID_MODEL}=="")",
             R"(ENV{ID_MODEL}=="a|")",
             R"(ENV{}=="a")",
             R"(ENV{ID=MODEL}=="a")",
             R"(ENV{ID_MODEL}=="[a")",
             R"(ENV{ID_MODEL}=="a*", ENV{ID_MODEL}=="*b")",
             R"(ENV{ID_MODEL}==e"a\tb")",
             R"(ATTR{power/control}=="on")",
             R"(ATTR{../x}=="on")",
             R"(TEST=="/etc/x")",
             R"(PROGRAM=="/bin/x")",
             R"(DRIVERS=="xhci_hcd")",
             R"(KERNEL=="*")",
             R"(KERNELS=="1-*")",
             R"(KERNELS=="0000:00:14.0", SUBSYSTEMS=="usb")",
             R"(SUBSYSTEMS=="pci")",
             R"(TAG=="a", TAG=="b")",
         }) {
        CAPTURE(match);
        const Imported result = imported(running(match));
        CHECK(guests_of(result).at(0).usb.empty());
        REQUIRE(result.files[0].notes.size() >= 1);
        CHECK(has(result.files[0].toml, "# Not carried over: file, line 1: "));
    }
}

TEST_CASE("udev rules that do nothing when a USB device is plugged in are not needed") {
    for (const char* match : {R"(ACTION=="remove")", R"(ACTION=="change")", R"(SUBSYSTEM=="block")",
                              R"(SUBSYSTEM!="usb")", R"(ENV{DEVTYPE}=="usb_interface")"}) {
        CAPTURE(match);
        const Imported result = imported(running("") + running(match));
        CHECK(guests_of(result).at(0).usb.size() == 1);
        CHECK(has(result.files[0].toml, "# file, line 2 is not needed: "));
        CHECK(result.files[0].notes.empty());
    }
}

TEST_CASE("calls of the script that cannot be carried over are said") {
    struct Case {
        const char* call;
        const char* said;
    };
    for (const Case& c : {
             Case{"/x/usb-libvirt-hotplug.sh $env{VM}", "is put together when the rule runs"},
             {"/x/usb-libvirt-hotplug.sh %E{VM}", "is put together when the rule runs"},
             {"/x/usb-libvirt-hotplug.sh", "the script has 0 arguments"},
             {"/x/usb-libvirt-hotplug.sh ''", "the domain's name is empty"},
             {"/x/usb-libvirt-hotplug.sh a b", "the script has 2 arguments"},
         }) {
        CAPTURE(c.call);
        const Imported result =
            imported(running("") + "SUBSYSTEM==\"usb\", RUN+=\"" + c.call + "\"\n");
        CHECK(result.files.size() == 1);
        CHECK(result.notes.size() == 1);
        CHECK(has(result.notes.at(0), c.said));
    }
    CHECK(gets(guests_of(imported(R"(RUN{program}+="/bin/bash '/o p/usb-libvirt-hotplug' 'a b'")")),
               device()) == "a_b");
}

TEST_CASE("a rule that a jump can skip is written, and switched off") {
    const std::string jump = "ATTR{idVendor}!=\"054c\", GOTO=\"end\"\n";
    const Imported result = imported(running(R"(ATTR{idVendor}=="1234")") + jump + running("") +
                                     "LABEL=\"end\"\n" + running(R"(ATTR{idVendor}=="5678")"));
    check_decisions(result, {{"what the jump skips", device(), ""},
                             {"what it does not", device_of("054c", "01c9"), ""},
                             {"before the jump", device_of("1234", "0001"), "vm"},
                             {"behind the label", device_of("5678", "0001"), "vm"}});
    const std::string& toml = result.files.at(0).toml;
    CHECK(has(toml, R"(
# file, line 3
# Differs: the GOTO on line 2 can skip this rule, which no rule here can say,
#   so it is switched off. If it shall always count, take "enabled = false"
#   out.
[[usb]]
enabled = false
all = true
)"));
    CHECK(result.files[0].notes.size() == 1);
    CHECK_FALSE(has(toml_of(jump + "LABEL=\"end\"\n" + running("")), "GOTO"));
    CHECK_FALSE(has(toml_of("ACTION==\"remove\", GOTO=\"end\"\n" + running("")), "GOTO"));
}

TEST_CASE("broken udev rules") {
    check_messages(
        Format::Udev,
        {
            {"empty", "", "file: no rule here has RUN+=\"...usb-libvirt-hotplug.sh DOMAIN\""},
            {"another script", "RUN+=\"/bin/true\"\n",
             "file: no rule here has RUN+=\"...usb-libvirt-hotplug.sh DOMAIN\""},
            {"no key", "\n  hello",
             "file:2:3: not a udev rule: a key in capitals must be here, as in "
             "ENV{ID_VENDOR_ID}==\"046d\""},
            {"no operator", "ACTION \"add\"",
             "file:1:8: not a udev rule: after ACTION an operator must come: == != = += -= or :="},
            {"no value", "ACTION==add",
             "file:1:9: after ACTION== a value in double quotes must come"},
            {"no closing quote", "ACTION==\"add\nx\"",
             "file:1:9: this value has no closing quote on its line"},
            {"no closing brace", "ENV{ID_MODEL==\"x\"\n}", "file:1:1: after ENV{ the } is missing"},
            {"an open end", "ACTION==\"add\\",
             "file:1:9: this value has no closing quote on its line"},
        });
}
