// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/twins: rules by serial number that hold for several devices with the same one.

#include "model/twins.h"

#include "base/text.h"
#include "model/rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

using Names = std::vector<std::string>;

Device bridge(const std::string& port, const std::string& serial) {
    Device device = device_with({{"PRODUCT", "10c4/ea60/100"},
                                 {"DEVPATH", "/devices/x/usb1/" + port},
                                 {"ID_USB_INTERFACES", ":ff0000:"}});
    device.serial = serial;
    return device;
}

std::vector<Twins> twins_of(const Guest& guest, const std::vector<Device>& plugged) {
    static std::vector<Guest> guests;
    guests = {guest};
    return find_twins(guests, plugged);
}

/// Lines of the rules that are ambiguous, each with its ports.
std::vector<std::string> ambiguous(const std::string& content, const std::vector<Device>& plugged) {
    Names found;
    for (const Twins& twins : twins_of(guest("win10", content), plugged)) {
        found.push_back(std::to_string(twins.rule->line) + ": " + join(twins.ports, " "));
    }
    return found;
}

} // namespace

TEST_CASE("a rule by serial number for twins is ambiguous") {
    const std::vector<Device> plugged = {bridge("1-2", "0001"), bridge("1-3", "0001"),
                                         bridge("1-4", "0002"), bridge("1-5", "")};
    CHECK(ambiguous("[[usb]]\nserial = \"0001\"\n", plugged) == Names{"1: 1-2 1-3"});
    CHECK(ambiguous("[[usb]]\nid = \"10c4:*\"\nserial = \"0001\"\n", plugged) ==
          Names{"1: 1-2 1-3"});
    CHECK(ambiguous("[[usb]]\nserial = \"0001\"\n[[usb]]\nserial = { regex = '\\d+' }\n",
                    plugged) == Names{"1: 1-2 1-3", "3: 1-2 1-3"});
    const auto twins = twins_of(guest("win10", "[[usb]]\nserial = \"0001\"\n"), plugged);
    REQUIRE(twins.size() == 1);
    CHECK(twins[0].guest->name == "win10");
    CHECK(twins[0].what() ==
          "the serial number \"0001\" is that of several devices, at 1-2 and 1-3");
}

TEST_CASE("a rule that holds for one of them, or for different serial numbers, is not") {
    const std::vector<Device> plugged = {bridge("1-2", "0001"), bridge("1-3", "0001"),
                                         bridge("1-4", "0002")};
    for (const std::string content : {
             "[[usb]]\nserial = \"0001\"\nport = \"1-2\"\n",
             "[[usb]]\nserial = \"0002\"\n",
             "[[usb]]\nserial = \"0001\"\nenabled = false\n",
             "[[usb]]\nserial = \"0001\"\n[[except]]\nport = \"1-3\"\n",
             "[[usb]]\nid = \"10c4:ea60\"\n",
             "[[usb]]\nall = true\n[[except]]\nserial = \"0001\"\n",
             "[[usb]]\nproperty = { ID_SERIAL_SHORT = \"*\" }\n",
         }) {
        CAPTURE(content);
        CHECK(ambiguous(content, plugged).empty());
    }
    CHECK(ambiguous("[[usb]]\nserial = \"*\"\n", {plugged[0], plugged[2]}).empty());
    CHECK(ambiguous("[[usb]]\nserial = \"*\"\n", {}).empty());
}

TEST_CASE("upper and lower case are the same serial number, and a hostile one is shown harmless") {
    const std::vector<Device> plugged = {bridge("1-2", "ab\n"), bridge("1-3", "AB\n"),
                                         bridge("1-4", "aB\n")};
    const auto twins = twins_of(guest("win10", "[[usb]]\nserial = \"*\"\n"), plugged);
    REQUIRE(twins.size() == 1);
    CHECK(twins[0].ports == Names{"1-2", "1-3", "1-4"});
    CHECK(twins[0].what() ==
          "the serial number \"ab\\x0a\" is that of several devices, at 1-2, 1-3 and 1-4");
}

TEST_CASE("hubs are nobody's twins") {
    Device hub = bridge("1-6", "0001");
    hub.device_class.base = usb_class_hub;
    CHECK(ambiguous("[[usb]]\nserial = \"0001\"\n", {bridge("1-2", "0001"), hub}).empty());
}

TEST_CASE("a rule by port tells twins apart, and a rule by serial number gives both away") {
    const Device one = bridge("1-2", "0001");
    const Device other = bridge("1-3", "0001");
    const std::vector<Guest> guests = {guest("a", "[[usb]]\nport = \"1-2\"\nserial = \"0001\"\n"),
                                       guest("b", "[[usb]]\nport = \"1-3\"\nserial = \"0001\"\n")};
    CHECK(decide(one, guests).verdicts[0].wanted());
    CHECK_FALSE(decide(one, guests).verdicts[1].wanted());
    CHECK_FALSE(decide(other, guests).verdicts[0].wanted());
    CHECK(decide(other, guests).verdicts[1].wanted());
}
