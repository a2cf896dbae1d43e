// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken rules: all keys but id and port.

#include "model/config_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

TEST_CASE("a bus is a number") {
    check_messages({
        {"a bus that is text", "[[usb]]\nbus = \"1\"\n",
         "win10.toml:2:7: 'bus' in [[usb]] must be a number, not a string"},
        {"a bus zero", "[[usb]]\nbus = 0\n",
         "win10.toml:2:7: 'bus' in [[usb]] must be 1 to 999, not 0"},
        {"a bus too high", "[[usb]]\nbus = 1000\n",
         "win10.toml:2:7: 'bus' in [[usb]] must be 1 to 999, not 1000"},
        {"a negative bus", "[[usb]]\nbus = -1\n",
         "win10.toml:2:7: 'bus' in [[usb]] must be 1 to 999, not -1"},
        {"a bus with a fraction", "[[usb]]\nbus = 1.0\n",
         "win10.toml:2:7: 'bus' in [[usb]] must be a number, not a number with a fraction"},
        {"a list of buses", "[[usb]]\nbus = [1, 2]\n",
         "win10.toml:2:7: 'bus' in [[usb]] must be a number, not an array"},
    });
}

TEST_CASE("a class is a table of small numbers") {
    check_messages({
        {"an interface that is a number", "[[usb]]\ninterface = 3\n",
         "win10.toml:2:13: 'interface' in [[usb]] must be a table, not a number"},
        {"an interface that is text", "[[usb]]\ninterface = \"hid\"\n",
         "win10.toml:2:13: 'interface' in [[usb]] must be a table, not a string"},
        {"an empty interface", "[[usb]]\ninterface = {}\n",
         "win10.toml:2:13: 'interface' is empty; say at least one of class, subclass, protocol"},
        {"an empty device class", "[[usb]]\ndevice = {}\n",
         "win10.toml:2:10: 'device' is empty; say at least one of class, subclass, protocol"},
        {"a class too high", "[[usb]]\ninterface = { class = 256 }\n",
         "win10.toml:2:23: 'class' in 'interface' must be 0 to 255, not 256"},
        {"a negative class", "[[usb]]\ninterface = { class = -1 }\n",
         "win10.toml:2:23: 'class' in 'interface' must be 0 to 255, not -1"},
        {"a class that is text", "[[usb]]\ninterface = { class = \"3\" }\n",
         "win10.toml:2:23: 'class' in 'interface' must be a number, not a string"},
        {"a class with a fraction", "[[usb]]\ndevice = { class = 3.5 }\n",
         "win10.toml:2:20: 'class' in 'device' must be a number, not a number with a fraction"},
        {"a misspelt class key", "[[usb]]\ninterface = { clas = 3 }\n",
         "win10.toml:2:15: unknown key 'clas' in 'interface'; did you mean 'class'?"},
        {"a class key near to nothing", "[[usb]]\ninterface = { number = 3 }\n",
         "win10.toml:2:15: unknown key 'number' in 'interface'"},
        {"two mistakes in one class", "[[usb]]\ndevice = { subclass = 300, protocol = true }\n",
         "win10.toml:2:23: 'subclass' in 'device' must be 0 to 255, not 300\n"
         "win10.toml:2:39: 'protocol' in 'device' must be a number, not true or false"},
        {"a list of interfaces", "[[usb]]\ninterface = [{ class = 3 }]\n",
         "win10.toml:2:13: 'interface' in [[usb]] must be a table, not an array"},
    });
}

TEST_CASE("names and serial numbers are text") {
    check_messages({
        {"a vendor that is a number", "[[usb]]\nvendor = 0x046d\n",
         "win10.toml:2:10: 'vendor' in [[usb]] must be a string, not a number"},
        {"an empty vendor", "[[usb]]\nvendor = \"\"\n",
         "win10.toml:2:10: 'vendor' in [[usb]] is empty; leave the key out instead"},
        {"a product that is a list", "[[usb]]\nproduct = [\"a\", \"b\"]\n",
         "win10.toml:2:11: 'product' in [[usb]] must be a string, not an array"},
        {"a product as a table of another version", "[[usb]]\nproduct = { regex = \".*\" }\n",
         "win10.toml:2:11: 'product' in [[usb]] must be a string, not a table"},
        {"a serial that is a number", "[[usb]]\nserial = 123456\n",
         "win10.toml:2:10: 'serial' in [[usb]] must be a string, not a number"},
        {"a serial with a NUL", "[[usb]]\nserial = \"12\\u0000\"\n",
         "win10.toml:2:10: 'serial' in [[usb]] has a NUL character"},
        {"an empty serial", "[[usb]]\nserial = \"\"\n",
         "win10.toml:2:10: 'serial' in [[usb]] is empty; leave the key out instead"},
    });
}

TEST_CASE("properties and attributes are names and text") {
    check_messages({
        {"a property that is text", "[[usb]]\nproperty = \"ID_PATH\"\n",
         "win10.toml:2:12: 'property' in [[usb]] must be a table, not a string"},
        {"an empty property table", "[[usb]]\nproperty = {}\n",
         "win10.toml:2:12: 'property' is empty; say at least one name = \"value\""},
        {"a property that is a number", "[[usb]]\nproperty = { ID_BUS = 1 }\n",
         "win10.toml:2:23: 'ID_BUS' in 'property' must be a string, not a number"},
        {"a property that is empty", "[[usb]]\nproperty = { ID_BUS = \"\" }\n",
         "win10.toml:2:23: 'ID_BUS' in 'property' is empty; leave the key out instead"},
        {"a list of properties", "[[usb]]\nproperty = [\"a\"]\n",
         "win10.toml:2:12: 'property' in [[usb]] must be a table, not an array"},
        {"an attribute that is a number", "[[usb]]\nattribute = { bcdDevice = 100 }\n",
         "win10.toml:2:27: 'bcdDevice' in 'attribute' must be a string, not a number"},
        {"an empty attribute table", "[[usb]]\nattribute = {}\n",
         "win10.toml:2:13: 'attribute' is empty; say at least one name = \"value\""},
        {"an attribute that leaves the device's folder",
         "[[usb]]\nattribute = { \"../serial\" = \"x\" }\n",
         "win10.toml:2:29: \"../serial\" is not the name of a sysfs attribute of the device"},
        {"an attribute of an interface",
         "[[usb]]\nattribute = { \"1-4:1.0/bInterfaceClass\" = \"03\" }\n",
         "win10.toml:2:43: \"1-4:1.0/bInterfaceClass\" is not the name of a sysfs attribute of the "
         "device"},
        {"an attribute with a leading dot", "[[usb]]\nattribute = { \"..\" = \"x\" }\n",
         "win10.toml:2:22: \"..\" is not the name of a sysfs attribute of the device"},
        {"an attribute without a name", "[[usb]]\nattribute = { \"\" = \"x\" }\n",
         "win10.toml:2:20: \"\" is not the name of a sysfs attribute of the device"},
        {"an attribute with a dotted key", "[[usb]]\nattribute.power.control = \"on\"\n",
         "win10.toml:2:11: 'power' in 'attribute' must be a string, not a table"},
        {"an attribute that is true", "[[usb]]\nattribute = { removable = true }\n",
         "win10.toml:2:27: 'removable' in 'attribute' must be a string, not true or false"},
        {"a hostile attribute name", "[[usb]]\nattribute = { \"a/\\u001b[0m\" = \"x\" }\n",
         "win10.toml:2:31: \"a/\\x1b[0m\" is not the name of a sysfs attribute of the device"},
    });
}
