// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken classes of a device or of its interfaces.

#include "model/config_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

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
        {"a class with a fraction", "[[usb]]\ndevice = { class = 3.5 }\n",
         "win10.toml:2:20: 'class' in 'device' must be a whole number, not a number with a "
         "fraction"},
        {"a misspelt class key", "[[usb]]\ninterface = { clas = 3 }\n",
         "win10.toml:2:15: unknown key 'clas' in 'interface'; did you mean 'class'?"},
        {"a class key near to nothing", "[[usb]]\ninterface = { number = 3 }\n",
         "win10.toml:2:15: unknown key 'number' in 'interface'"},
        {"two mistakes in one class", "[[usb]]\ndevice = { subclass = 300, protocol = true }\n",
         "win10.toml:2:23: 'subclass' in 'device' must be 0 to 255, not 300\n"
         "win10.toml:2:39: 'protocol' in 'device' must be a number, not true or false"},
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
