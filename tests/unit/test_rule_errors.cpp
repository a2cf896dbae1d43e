// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken values of rule keys.

#include "rule_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::rule_test;

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

TEST_CASE("a class is a number or a name") {
    check_messages({
        {"a misspelt class", "[[usb]]\ninterface = { class = \"hdi\" }\n",
         "win10.toml:2:23: \"hdi\" is no known class; did you mean \"hid\"?"},
        {"a class in capitals", "[[usb]]\ninterface = { class = \"HID\" }\n",
         "win10.toml:2:23: \"HID\" is no known class; did you mean \"hid\"?"},
        {"a class by its long name", "[[usb]]\ninterface = { class = \"massstorage\" }\n",
         "win10.toml:2:23: \"massstorage\" is no known class; did you mean \"mass-storage\"?"},
        {"a class near to nothing", "[[usb]]\ndevice = { class = \"xyzzyxyzzy\" }\n",
         "win10.toml:2:20: \"xyzzyxyzzy\" is no known class; write its number, 0 to 255, or one of "
         "per-interface, audio, communications, hid, physical, image, printer, mass-storage, hub, "
         "cdc-data, smart-card, content-security, video, personal-healthcare, audio-video, "
         "billboard, type-c-bridge, bulk-display, mctp, i3c, xbox, diagnostic, wireless, "
         "miscellaneous, application-specific, vendor-specific"},
        {"a number in quotes", "[[usb]]\ninterface = { class = \"3\" }\n",
         "win10.toml:2:23: \"3\" is no known class; write 3 without quotes"},
        {"a hexadecimal number in quotes", "[[usb]]\ninterface = { class = \"0xe0\" }\n",
         "win10.toml:2:23: \"0xe0\" is no known class; write 0xe0 without quotes"},
        {"an empty class", "[[usb]]\ninterface = { class = \"\" }\n",
         "win10.toml:2:23: 'class' in 'interface' is empty; leave the key out instead"},
        {"a class that is too high", "[[usb]]\ninterface = { class = 0x100 }\n",
         "win10.toml:2:23: 'class' in 'interface' must be 0 to 255, not 256"},
        {"a class that is true", "[[usb]]\ninterface = { class = true }\n",
         "win10.toml:2:23: 'class' in 'interface' must be a number, not true or false"},
        {"a list of classes", "[[usb]]\ninterface = { class = [3, 8] }\n",
         "win10.toml:2:23: 'class' in 'interface' must be a number, not an array"},
        {"a misspelt protocol", "[[usb]]\ninterface = { class = \"hid\", protocol = \"mause\" }\n",
         "win10.toml:2:41: \"mause\" is no known protocol of this class; did you mean \"mouse\"?"},
        {"a protocol of another class",
         "[[usb]]\ninterface = { class = \"hid\", protocol = \"bluetooth\" }\n",
         "win10.toml:2:41: \"bluetooth\" is no known protocol of this class; write its number, 0 "
         "to 255, or one of keyboard, mouse"},
        {"a protocol without its class", "[[usb]]\ninterface = { protocol = \"mouse\" }\n",
         "win10.toml:2:26: \"mouse\" is no known protocol; the name of a protocol needs the class "
         "beside it"},
        {"a subclass without its class", "[[usb]]\ndevice = { subclass = \"boot\" }\n",
         "win10.toml:2:23: \"boot\" is no known subclass; the name of a subclass needs the class "
         "beside it"},
        {"a subclass of a class without names",
         "[[usb]]\ninterface = { class = \"billboard\", subclass = \"x\" }\n",
         "win10.toml:2:47: \"x\" is no known subclass of this class; write its number, 0 to 255"},
        {"a protocol of another subclass",
         "[[usb]]\ninterface = { class = 0xfe, subclass = \"dfu\", protocol = \"usbtmc\" }\n",
         "win10.toml:2:58: \"usbtmc\" is no known protocol of this class; write its number, 0 to "
         "255, or one of run-time, dfu-mode"},
        {"one mistake in the class is enough",
         "[[usb]]\ninterface = { class = \"hdi\", subclass = \"boot\", protocol = \"mouse\" }\n",
         "win10.toml:2:23: \"hdi\" is no known class; did you mean \"hid\"?"},
        {"a hostile class", "[[usb]]\ninterface = { class = \"\\u001b[31m]]>\\n\" }\n",
         "win10.toml:2:23: \"\\x1b[31m]]>\\x0a\" is no known class; write its number, 0 to 255, or "
         "one of per-interface, audio, communications, hid, physical, image, printer, "
         "mass-storage, hub, cdc-data, smart-card, content-security, video, personal-healthcare, "
         "audio-video, billboard, type-c-bridge, bulk-display, mctp, i3c, xbox, diagnostic, "
         "wireless, miscellaneous, application-specific, vendor-specific"},
    });
}

TEST_CASE("interfaces say how their list is meant") {
    check_messages({
        {"a list without a word", "[[usb]]\ninterface = [{ class = \"hid\" }]\n",
         "win10.toml:2:13: 'interface' in a list does not say whether one or all must be there; "
         "write interface = { any = [...] } or { all = [...] }"},
        {"double brackets", "[[usb]]\n[[usb.interface]]\nclass = 3\n",
         "win10.toml:2:1: 'interface' in a list does not say whether one or all must be there; "
         "write interface = { any = [...] } or { all = [...] }"},
        {"an empty list", "[[usb]]\ninterface = { any = [] }\n",
         "win10.toml:2:21: 'any' in 'interface' is an empty list; leave the key out instead"},
        {"a class beside a list", "[[usb]]\ninterface = { class = 3, none = [{ class = 8 }] }\n",
         "win10.toml:2:13: class, subclass and protocol cannot stand beside any, all, none or "
         "only; put them into the list, as in any = [{ class = \"hid\" }]"},
        {"a misspelt word", "[[usb]]\ninterface = { non = [{ class = 8 }] }\n",
         "win10.toml:2:15: unknown key 'non' in 'interface'; did you mean 'none'?"},
        {"a list of numbers", "[[usb]]\ninterface = { all = [3, 8] }\n",
         "win10.toml:2:22: 'all' in 'interface' must be a list of tables, as in [{ class = \"hid\" "
         "}], not a number\n"
         "win10.toml:2:25: 'all' in 'interface' must be a list of tables, as in [{ class = \"hid\" "
         "}], not a number"},
        {"a list of names", "[[usb]]\ninterface = { only = [\"mass-storage\"] }\n",
         "win10.toml:2:23: 'only' in 'interface' must be a list of tables, as in [{ class = "
         "\"hid\" }], not a string"},
        {"an empty element", "[[usb]]\ninterface = { all = [{ class = 3 }, {}] }\n",
         "win10.toml:2:37: 'all' is empty; say at least one of class, subclass, protocol"},
        {"a misspelt key in an element", "[[usb]]\ninterface = { all = [{ clas = 3 }] }\n",
         "win10.toml:2:24: unknown key 'clas' in 'all'; did you mean 'class'?"},
        {"a misspelt name in an element",
         "[[usb]]\ninterface = { none = [\n  { class = \"hid\" },\n  { class = \"vidio\" },\n] }\n",
         "win10.toml:4:13: \"vidio\" is no known class; did you mean \"video\"?"},
        {"a word in a word", "[[usb]]\ninterface = { all = [{ any = [{ class = 3 }] }] }\n",
         "win10.toml:2:24: unknown key 'any' in 'all'"},
        {"a word of the interface for the device", "[[usb]]\ndevice = { any = [{ class = 3 }] }\n",
         "win10.toml:2:12: unknown key 'any' in 'device'"},
        {"a word that is true", "[[usb]]\ninterface = { none = true }\n",
         "win10.toml:2:22: 'none' in 'interface' must be a list of tables, as in [{ class = "
         "\"hid\" }], not true or false"},
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
         "win10.toml:2:1: unknown key 'removeable' in [[usb]]; did you mean 'removable'?\n"
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"a key in the plural", "[[usb]]\ndrivers = \"usbhid\"\n",
         "win10.toml:2:1: unknown key 'drivers' in [[usb]]; did you mean 'driver'?\n"
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"every device, and a tag", "[[usb]]\nall = true\ntag = \"x\"\n",
         "win10.toml:2:7: all = true is every device, so no other condition can stand beside it"},
    });
}

TEST_CASE("globs") {
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
