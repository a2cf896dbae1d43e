// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken [[disk]] rules.

#include "model/config_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

TEST_CASE("a [[disk]] rule has conditions, and no others than its own") {
    check_messages({
        {"no condition", "[[disk]]\ntarget = \"vdb\"\n",
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"a key of [[usb]]", "[[disk]]\nall = true\nspeed = 480\n",
         "win10.toml:3:1: unknown key 'speed' in [[disk]]"},
        {"a misspelt key", "[[disk]]\nserail = \"x\"\n",
         "win10.toml:2:1: unknown key 'serail' in [[disk]]; did you mean 'serial'?"},
        {"a key of [[disk]] elsewhere", "[[usb]]\nlabel = \"x\"\nall = true\n",
         "win10.toml:2:1: unknown key 'label' in [[usb]]"},
        {"single brackets", "[disk]\nserial = \"x\"\n",
         "win10.toml:1:1: 'disk' must be tables; write [[disk]] with double brackets"},
        {"a label that is a number", "[[disk]]\nlabel = 1\n",
         "win10.toml:2:9: 'label' in [[disk]] must be a string, not a number"},
    });
}

TEST_CASE("how the guest gets a disk is one of a few words") {
    check_messages({
        {"a bus that is none", "[[disk]]\nall = true\nbus = \"virtoi\"\n",
         "win10.toml:3:7: 'bus' must be one of \"virtio\", \"scsi\", \"usb\"; \"virtoi\" is not; "
         "did "
         "you mean \"virtio\"?"},
        {"a number of a bus", "[[disk]]\nall = true\nbus = 1\n",
         "win10.toml:3:7: 'bus' in [[disk]] must be a string, not a number"},
        {"a cache that is none", "[[disk]]\nall = true\ncache = \"no\"\n",
         "win10.toml:3:9: 'cache' must be one of \"none\", \"writethrough\", \"writeback\", "
         "\"directsync\", \"unsafe\"; \"no\" is not; did you mean \"none\"?"},
        {"a discard that is none", "[[disk]]\nall = true\ndiscard = \"on\"\n",
         "win10.toml:3:11: 'discard' must be one of \"ignore\", \"unmap\"; \"on\" is not"},
        {"read-only that is text", "[[disk]]\nall = true\nread-only = \"yes\"\n",
         "win10.toml:3:13: 'read-only' in [[disk]] must be true or false, not a string"},
        {"force that is a number", "[[disk]]\nall = true\nforce = 1\n",
         "win10.toml:3:9: 'force' in [[disk]] must be true or false, not a number"},
    });
}

TEST_CASE("a target is a name that the bus has") {
    check_messages({
        {"another bus's", "[[disk]]\nall = true\ntarget = \"sdb\"\n",
         "win10.toml:3:10: 'target' must be vd and one or two letters on this bus, as in \"vdb\"; "
         "\"sdb\" is not"},
        {"virtio's on USB", "[[disk]]\nall = true\nbus = \"usb\"\ntarget = \"vdb\"\n",
         "win10.toml:4:10: 'target' must be sd and one or two letters on this bus, as in \"sdb\"; "
         "\"vdb\" is not"},
        {"no letter", "[[disk]]\nall = true\ntarget = \"vd\"\n",
         "win10.toml:3:10: 'target' must be vd and one or two letters on this bus, as in \"vdb\"; "
         "\"vd\" is not"},
        {"XML", "[[disk]]\nall = true\ntarget = \"vd'/>\"\n",
         "win10.toml:3:10: 'target' must be vd and one or two letters on this bus, as in \"vdb\"; "
         "\"vd'/>\" is not"},
        {"a partition", "[[disk]]\nall = true\ntarget = \"vdb1\"\n",
         "win10.toml:3:10: 'target' must be vd and one or two letters on this bus, as in \"vdb\"; "
         "\"vdb1\" is not"},
    });
}
