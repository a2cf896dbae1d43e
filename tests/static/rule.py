# SPDX-License-Identifier: LGPL-2.1-or-later
"""The udev rule as udev reads it and applies it, alone on a machine with a hub, a mouse and a
disk."""
import re
import unittest

from support import BUILD, SOURCE, Check, program, run, temporary_folder, tool

RULE = "90-usb-hotplug.rules"
# Without numbers of nodes, for which udev would make links in /dev.
DEVICES = """
P: /devices/pci0/usb1/1-1
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
E: PRODUCT=5e3/610/9226
E: TYPE=9/0/2
E: BUSNUM=001
E: DEVNUM=002
A: bDeviceClass=09\\n

P: /devices/pci0/usb1/1-2
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
E: DRIVER=usb
E: PRODUCT=46d/c077/7200
E: TYPE=0/0/0
E: BUSNUM=001
E: DEVNUM=003
L: driver=../../../../bus/usb/drivers/usb
A: bDeviceClass=00\\n
A: busnum=1\\n

P: /devices/pci0/usb1/1-3
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
E: PRODUCT=46d/c077/7200
E: TYPE=0/0/0
E: BUSNUM=001
E: DEVNUM=004
A: bDeviceClass=00\\n

P: /devices/pci0/usb1/1-2/1-2:1.0
E: SUBSYSTEM=usb
E: DEVTYPE=usb_interface
E: PRODUCT=46d/c077/7200

P: /devices/pci0/usb1/1-2/1-2:1.0/host6/block/sda
E: SUBSYSTEM=block
E: DEVTYPE=disk
E: DISK_MEDIA_CHANGE=@MEDIA@
A: size=@SIZE@\\n

P: /devices/pci0/usb1/1-2/1-2:1.0/host6/block/sr0
E: SUBSYSTEM=block
E: DEVTYPE=disk
A: size=8\\n

P: /devices/pci0/virtio1/block/vda
E: SUBSYSTEM=block
E: DEVTYPE=disk
A: size=8\\n
"""
# /run is the fake machine's own.
APPLY = """
for folder in /etc/udev/rules.d /usr/lib/udev/rules.d /lib/udev/rules.d; do
    [ ! -d "$folder" ] || mount -t tmpfs none "$folder"
done
mkdir -p /run/udev/rules.d /run/usb-hotplug
cp "$1" /run/udev/rules.d
# udev gives programs the device's properties alone, and this one has to see the fake /sys.
printf '#!/bin/sh\\n: >/run/was-run\\nexport LD_PRELOAD=%s UMOCKDEV_DIR=%s\\nexec %s\\n' \\
    "$LD_PRELOAD" "$UMOCKDEV_DIR" "$5" >/run/match
chmod +x /run/match
printf %s "$2" >/run/usb-hotplug/win10.toml
udevadm test --action="$3" "/sys/devices/pci0/usb1/$4" 2>&1
[ ! -e /run/was-run ] || echo match was run
"""
UNIT = "usb-hotplug@dev-bus-usb-001-003.service"
WANTS_DISKS = "[[disk]]\nall = true\n"
DISK = "1-2/1-2:1.0/host6/block/sda"


class Rule(Check):
    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)
        self.rule = self.folder / RULE
        # The one of the build folder is run; where the installed one is, layout.py looks.
        text, self.programs = re.subn(r'program}="[^"]+"',
                                      'program}="/run/match"',
                                      (BUILD / "udev" / RULE).read_text())
        self.rule.write_text(text)

    def apply(self, action, port, configuration="[[usb]]\nall = true\n", size="8", media="0"):
        """What udev says, with its rules for this event, and the properties that matter here."""
        tool("udevadm")
        (self.folder / "devices").write_text(
            DEVICES.replace("@SIZE@", size).replace("@MEDIA@", media))
        done = run(SOURCE / "tests/unit/on-fake-machine", self.folder / "devices",
                   tool("bash"), "-euc", APPLY, "apply", self.rule, configuration, action, port,
                   program("usb-hotplug-match"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        keys = dict(re.findall(r"^\s*(TAGS|SYSTEMD_WANTS|UDISKS_AUTO|USB_HOTPLUG_GUESTS)=(.*)$",
                               done.stdout, re.M))
        keys["TAGS"] = set(keys.get("TAGS", "").strip(":").split(":")) - {""}
        return done.stdout, keys

    def test_udev_reads_it(self):
        said, _ = self.apply("bind", "1-2")
        self.assert_none(re.findall(rf"^\S*{RULE}:.*$", said, re.M), "udev complains")

    def test_udevadm_verifies_it(self):
        version = int(re.match(r"\d+", run(tool("udevadm"), "--version").stdout)[0])
        if version >= 254:  # the first to have "verify"
            done = run(tool("udevadm"), "verify", self.rule)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.programs, 2)

    def test_keys(self):
        # No RUN and no PROGRAM, which are for others; nothing of others is overwritten but what they
        # say of disks that are a guest's.
        keys = set()
        for line in self.rule.read_text().splitlines():
            if line and not line.startswith("#"):
                parts = [re.fullmatch(r'([A-Z]+(?:{\w+})?)(==|!=|\+=|=)"[^"]*"', part)
                         for part in line.split(", ")]
                self.assertTrue(all(parts), line)
                keys |= {(part[1], part[2]) for part in parts if part[2] in ("=", "+=")}
        self.assertEqual(keys, {("TAG", "+="), ("IMPORT{program}", "="), ("GOTO", "="),
                                ("LABEL", "="), ("ENV{SYSTEMD_WANTS}", "+="),
                                ("IMPORT{parent}", "="), ("ENV{UDISKS_AUTO}", "="),
                                ("ENV{UDISKS_IGNORE}", "="), ("ENV{SYSTEMD_READY}", "=")})

    def test_a_plug_starts_the_unit(self):
        said, keys = self.apply("bind", "1-2")
        self.assertIn("match was run", said)
        self.assertEqual(keys, {"TAGS": {"systemd", "usb-hotplug"}, "SYSTEMD_WANTS": UNIT,
                                "USB_HOTPLUG_GUESTS": "win10"})

    def test_a_device_that_was_there_at_boot_starts_the_unit(self):
        self.assertEqual(self.apply("add", "1-2")[1].get("SYSTEMD_WANTS"), UNIT)

    def test_a_device_without_driver_waits_for_bind(self):
        _, keys = self.apply("add", "1-3")
        self.assertNotIn("SYSTEMD_WANTS", keys)
        self.assertEqual(keys["USB_HOTPLUG_GUESTS"], "win10")

    def test_a_change_starts_nothing_and_keeps_the_tags(self):
        _, keys = self.apply("change", "1-2")
        self.assertNotIn("SYSTEMD_WANTS", keys)
        self.assertEqual(keys["TAGS"], {"systemd", "usb-hotplug"})

    def test_a_device_nobody_wants_has_a_device_unit(self):
        self.assertEqual(self.apply("bind", "1-2", '[[usb]]\nbus = 7\n')[1], {"TAGS": {"systemd"}})

    def test_a_disk_that_comes_starts_its_unit_and_is_not_mounted(self):
        _, keys = self.apply("add", DISK, WANTS_DISKS)
        self.assertEqual(keys, {"TAGS": {"systemd", "usb-hotplug"}, "UDISKS_AUTO": "0",
                                "SYSTEMD_WANTS": "usb-hotplug@dev-sda.service",
                                "USB_HOTPLUG_GUESTS": "win10"})

    def test_a_change_of_a_disk_starts_nothing(self):
        _, keys = self.apply("change", DISK, WANTS_DISKS)
        self.assertEqual(keys, {"TAGS": {"systemd", "usb-hotplug"}, "UDISKS_AUTO": "0",
                                "USB_HOTPLUG_GUESTS": "win10"})

    def test_a_medium_that_comes_starts_the_unit(self):
        for action in ("add", "change"):
            with self.subTest(action=action):
                self.assertNotIn("SYSTEMD_WANTS",
                                 self.apply(action, DISK, WANTS_DISKS, size="0", media="1")[1])
        _, keys = self.apply("change", DISK, WANTS_DISKS, media="1")
        self.assertEqual(keys.get("SYSTEMD_WANTS"), "usb-hotplug@dev-sda.service")

    def test_a_disk_nobody_wants_has_a_device_unit(self):
        self.assertEqual(self.apply("add", DISK)[1], {"TAGS": {"systemd"}})

    def test_others_are_left_alone_and_start_no_process(self):
        for action, port in (("bind", "1-1"), ("bind", "1-2/1-2:1.0"), ("remove", "1-2"),
                             ("remove", DISK), ("add", DISK.replace("sda", "sr0")),
                             ("add", "../virtio1/block/vda")):
            with self.subTest(action=action, port=port):
                said, keys = self.apply(action, port)
                self.assertEqual(keys, {"TAGS": set()})
                self.assertNotIn("match was run", said)


if __name__ == "__main__":
    unittest.main()
