// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken rules: all keys but id, port and the classes.

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
         "win10.toml:2:7: 'bus' in [[usb]] must be a whole number, not a number with a fraction"},
    });
}

TEST_CASE("names and serial numbers are text") {
    check_messages({
        {"a vendor that is a number", "[[usb]]\nvendor = 0x046d\n",
         "win10.toml:2:10: 'vendor' in [[usb]] must be a string, not a number"},
        {"an empty vendor", "[[usb]]\nvendor = \"\"\n",
         "win10.toml:2:10: 'vendor' in [[usb]] is empty; leave the key out instead"},
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
        {"a property without a name", "[[usb]]\nproperty = { \"\" = \"x\" }\n",
         "win10.toml:2:19: \"\" is not the name of a udev property"},
        {"a property with a NUL in its name", "[[usb]]\nproperty = { \"ID\\u0000_BUS\" = \"x\" }\n",
         "win10.toml:2:31: \"ID\\x00_BUS\" is not the name of a udev property"},
        {"a property with its value in its name",
         "[[usb]]\nproperty = { \"ID_BUS=usb\" = \"x\" }\n",
         "win10.toml:2:29: \"ID_BUS=usb\" is not the name of a udev property"},
        {"an attribute with a NUL in its name",
         "[[usb]]\nattribute = { \"serial\\u0000x\" = \"x\" }\n",
         "win10.toml:2:33: \"serial\\x00x\" is not the name of a sysfs attribute of the device"},
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
        {"an attribute that is true", "[[usb]]\nattribute = { removable = true }\n",
         "win10.toml:2:27: 'removable' in 'attribute' must be a string, not true or false"},
        {"a hostile attribute name", "[[usb]]\nattribute = { \"a/\\u001b[0m\" = \"x\" }\n",
         "win10.toml:2:31: \"a/\\x1b[0m\" is not the name of a sysfs attribute of the device"},
    });
}

TEST_CASE("a list of values is checked one by one") {
    check_messages({
        {"an empty list of ids", "[[usb]]\nid = []\n",
         "win10.toml:2:6: 'id' in [[usb]] is an empty list; leave the key out instead"},
        {"a wrong id in a list", "[[usb]]\nid = [\"05c6:1000\", \"12d1\"]\n",
         "win10.toml:2:20: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"12d1\" is not"},
        {"two wrong ids in a list", "[[usb]]\nid = [\n  \"05c6\",\n  \"12d1:*\",\n  7,\n]\n",
         "win10.toml:3:3: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"05c6\" is not\n"
         "win10.toml:5:3: 'id' in [[usb]] must be a string, not a number"},
        {"every id in a list", "[[usb]]\nid = [\"046d:c52b\", \"*:*\"]\n",
         "win10.toml:2:20: 'id' is \"*:*\", which is every device; say all = true if that is "
         "meant"},
        {"a list in a list", "[[usb]]\nid = [[\"046d:c52b\"]]\n",
         "win10.toml:2:7: 'id' in [[usb]] must be a string, not an array"},
        {"a wrong port in a list", "[[usb]]\nport = [\"1-4.*\", \"2-*\"]\n",
         "win10.toml:2:18: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"2-*\" is not"},
        {"a wrong bus in a list", "[[usb]]\nbus = [1, 0]\n",
         "win10.toml:2:11: 'bus' in [[usb]] must be 1 to 999, not 0"},
        {"an empty serial in a list", "[[usb]]\nserial = [\"A*\", \"\"]\n",
         "win10.toml:2:17: 'serial' in [[usb]] is empty; leave the key out instead"},
        {"an empty list of products", "[[usb]]\nproduct = []\n",
         "win10.toml:2:11: 'product' in [[usb]] is an empty list; leave the key out instead"},
        {"a number among properties", "[[usb]]\nproperty = { ID_BUS = [\"usb\", 3] }\n",
         "win10.toml:2:31: 'ID_BUS' in 'property' must be a string, not a number"},
        {"a hostile name of a property", "[[usb]]\nproperty = { \"a\\nb\\u001b[31m\" = 1 }\n",
         "win10.toml:2:33: 'a\\x0ab\\x1b[31m' in 'property' must be a string, not a number"},
        {"a hostile name with a list", "[[usb]]\nattribute = { \"\\u001b\" = [] }\n",
         "win10.toml:2:26: '\\x1b' in 'attribute' is an empty list; leave the key out instead"},
        {"an empty list of attributes", "[[usb]]\nattribute = { bcdDevice = [] }\n",
         "win10.toml:2:27: 'bcdDevice' in 'attribute' is an empty list; leave the key out instead"},
    });
}

TEST_CASE("removable, speed, driver and tag") {
    check_messages({
        {"removable that is text", "[[usb]]\nremovable = \"fixed\"\n",
         "win10.toml:2:13: 'removable' in [[usb]] must be true or false, not a string"},
        {"removable that is a number", "[[usb]]\nremovable = 1\n",
         "win10.toml:2:13: 'removable' in [[usb]] must be true or false, not a number"},
        {"a list of removable", "[[usb]]\nremovable = [true, false]\n",
         "win10.toml:2:13: 'removable' in [[usb]] must be true or false, not an array"},
        {"a speed that is none", "[[usb]]\nspeed = 400\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000"},
        {"a speed of zero", "[[usb]]\nspeed = 0\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000"},
        {"a speed with a wrong fraction", "[[usb]]\nspeed = 1.6\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000"},
        {"a negative speed", "[[usb]]\nspeed = -12\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000"},
        {"an endless speed", "[[usb]]\nspeed = inf\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000"},
        {"a misspelt speed", "[[usb]]\nspeed = \"hihg\"\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000; did you mean \"high\"?"},
        {"a speed of another tool", "[[usb]]\nspeed = \"super+\"\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000; did you mean "
         "\"super\"?"},
        {"a number in quotes", "[[usb]]\nspeed = \"480\"\n",
         "win10.toml:2:9: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000; write 480 without "
         "quotes"},
        {"a speed that is true", "[[usb]]\nspeed = true\n",
         "win10.toml:2:9: 'speed' in [[usb]] must be a number or a string, not true or false"},
        {"a wrong speed in a list", "[[usb]]\nspeed = [\"high\", \"supr\"]\n",
         "win10.toml:2:18: 'speed' must be \"low\", \"full\", \"high\", \"super\" or "
         "\"super-plus\", or in Mbit/s 1.5, 12, 480, 5000, 10000 or 20000; did you mean "
         "\"super\"?"},
        {"a driver that is a number", "[[usb]]\ndriver = 1\n",
         "win10.toml:2:10: 'driver' in [[usb]] must be a string, not a number"},
        {"an empty driver", "[[usb]]\ndriver = \"\"\n",
         "win10.toml:2:10: 'driver' in [[usb]] is empty; leave the key out instead"},
        {"a tag that is true", "[[usb]]\ntag = true\n",
         "win10.toml:2:7: 'tag' in [[usb]] must be a string, not true or false"},
        {"a misspelt key", "[[usb]]\nremoveable = true\n",
         "win10.toml:2:1: unknown key 'removeable' in [[usb]]; did you mean 'removable'?"},
        {"a key in the plural", "[[usb]]\ndrivers = \"usbhid\"\n",
         "win10.toml:2:1: unknown key 'drivers' in [[usb]]; did you mean 'driver'?"},
        {"every device, and a tag", "[[usb]]\nall = true\ntag = \"x\"\n",
         "win10.toml:2:7: all = true is every device, so no other condition can stand beside it"},
    });
}

TEST_CASE("a broken glob is an error") {
    check_messages({
        {"a bracket that is not closed", "[[usb]]\nproduct = \"USB [2.0\"\n",
         "win10.toml:2:11: the glob \"USB [2.0\" has a '[' without a ']'; write [[] for the "
         "character itself"},
        {"a bracket closed too early", "[[usb]]\nproduct = \"[]\"\n",
         "win10.toml:2:11: the glob \"[]\" has a '[' without a ']'; write [[] for the character "
         "itself"},
        {"a class that is not closed", "[[usb]]\nserial = \"[[:digit]\"\n",
         "win10.toml:2:10: the glob \"[[:digit]\" has a '[' without a ']'; write [[] for the "
         "character itself"},
        {"a backslash at the end", "[[usb]]\nvendor = 'ACME\\'\n",
         "win10.toml:2:10: the glob \"ACME\\x5c\" ends in a backslash; write two for the character "
         "itself"},
        {"a wrong glob of a property", "[[usb]]\nproperty = { ID_PATH = \"a[\" }\n",
         "win10.toml:2:24: the glob \"a[\" has a '[' without a ']'; write [[] for the character "
         "itself"},
        {"a wrong glob in a list", "[[usb]]\ndriver = [\"usb*\", \"[a\"]\n",
         "win10.toml:2:19: the glob \"[a\" has a '[' without a ']'; write [[] for the character "
         "itself"},
    });
}
