# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every example of contrib/examples is decided about devices that it is for, and all the others."""
import json
import unittest

import example_devices
from support import (SOURCE, Check, files_below, install_module, program, read, run,
                     temporary_folder)

BUILT_IN = {"camera in the lid", "camera nobody says is built in", "Bluetooth"}
HUBS = {"hub", "KVM hub", "desk hub"}
ALL = set(example_devices.DEVICES) - HUBS

# The devices that each example's guest gets, by the rule that wants them; no others.
WANTED = {
    "3d-printer": {
        "Prusa": {"Prusa MK3"},
        "Klipper": {"Klipper board"},
        "The printer at the back": {"printer with CH340"},
        "The printer while it is flashed": {"printer, flashed"},
    },
    "android-phone": {
        "Debugging": {"phone, debugging", "phone, files and debugging"},
        "Bootloader": {"phone, bootloader", "another's bootloader", "Sony phone's bootloader"},
        "Files": {"phone, files"},
        "Emergency download": {"phone, emergency"},
    },
    "backup-disk": {},
    "desk-hub": {"The hub on the desk": {"printer on the desk"}},
    "desktop": {
        "Mouse": {"mouse", "mouse on the KVM"},
        "Keyboard": {"keyboard", "keyboard on the KVM", "YubiKey", "host's YubiKey"},
        "Webcam": {"webcam"},
        "The stick for this guest": {"stick"},
        "Network adapters": {"Ethernet"},
        "Serial adapters, but not the old ones": {"FTDI", "CP2102"},
        "Telephone": {"phone, debugging", "another's bootloader"},
        "Headset": {"headset", "sound on the KVM", "DualSense"},
    },
    "everything-but": {None: ALL - BUILT_IN - {
        "keyboard", "keyboard on the KVM", "mouse", "mouse on the KVM", "Bluetooth stick"}},
    "game-controller": {
        "Xbox controllers": {"Xbox One", "Xbox 360"},
        "The adapter of wireless Xbox controllers": {"Xbox adapter"},
        "PlayStation controllers": {"DualSense", "DualShock 4"},
        "Switch Pro Controller": {"Switch Pro"},
    },
    "kvm-switch": {"On the switch": {"keyboard on the KVM", "mouse on the KVM"}},
    "one-of-several": {
        "Telephone, and the same while it is flashed": {"phone, debugging", "another's bootloader"},
        "Smart card reader": {"card reader", "YubiKey", "host's YubiKey"},
        "Programmer with new firmware": {"programmer"},
    },
    "plain-qemu": {"Network adapters": {"Ethernet"}, "Modems": {"modem"}},
    "security-key": {
        "Yubico": {"YubiKey"},
        "Nitrokey": {"Nitrokey"},
        "Smart cards": {"card reader"},
    },
    "webcam": {"Webcam": {"webcam"}},
}
WANTED_DISKS = {"backup-disk": {"Backup": {"backup"}, "The dock": {"new disk in the dock"}}}


class Decided(Check):
    def setUp(self):
        self.root = temporary_folder(self.addCleanup)
        install_module(self.root)
        folder = self.root / "etc/usb-hotplug"
        folder.mkdir(parents=True)
        for path in files_below("contrib", ".toml"):
            (folder / path.name).write_text(read(path))

    def wanted(self, devices, explain):
        """What all the examples say to these devices, in the form of WANTED."""
        found = {}
        for device in devices:
            said = explain(device)
            self.assertEqual(said["errors"], [])
            for guest in said["guests"]:
                rules = found.setdefault(guest["name"], {})
                if guest["wish"] == "wanted":
                    by = next(rule["description"] for rule in guest["rules"] if rule["holds"])
                    rules.setdefault(by, set()).add(device)
        return found

    def explain(self, name):
        file = self.root / "device"
        file.write_text(example_devices.record(name))
        return run(program("usb-hotplugctl"), "explain", "--device", file, "--json",
                   env={"USB_HOTPLUG_ROOT": str(self.root)})

    def explain_usb(self, name):
        done = self.explain(name)
        self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
        return json.loads(done.stdout)

    def explain_disk(self, name):
        text, names = example_devices.machine()
        file = self.root / "machine"
        file.write_text(text)
        done = run(SOURCE / "tests/unit/on-fake-machine", file, program("usb-hotplugctl"), "explain",
                   names[name], "--json", env={"USB_HOTPLUG_ROOT": str(self.root)})
        self.assertTrue(done.stdout, done.stderr)  # its exit status says that there is no systemd
        return json.loads(done.stdout)

    def test_usb_devices(self):
        self.assertEqual(self.wanted(sorted(ALL), self.explain_usb), WANTED)

    def test_hubs(self):
        for name in HUBS:
            self.assertIn("No USB device but hubs", self.explain(name).stderr, name)

    def test_disks(self):
        found = self.wanted(example_devices.DISKS, self.explain_disk)
        self.assertEqual({name: rules for name, rules in found.items() if rules}, WANTED_DISKS)

    def test_every_example_is_here(self):
        self.assertEqual({path.stem for path in files_below("contrib", ".toml")}, set(WANTED))


if __name__ == "__main__":
    unittest.main()
