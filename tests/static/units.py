# SPDX-License-Identifier: LGPL-2.1-or-later
"""The units as systemd reads them, in a root that has nothing else."""
import shutil
import unittest

from support import Check, install, run, tool

# What systemd adds to any unit by itself.
BY_DEFAULT = ["sysinit.target", "basic.target", "shutdown.target", "multi-user.target",
              "sleep.target"]
INSTANCES = ["usb-hotplug@dev-bus-usb-001-005.service", "usb-hotplug@win10.target",
             "usb-hotplug-guest@win10.service", "usb-hotplug-sleep.service"]


class Units(Check):
    def setUp(self):
        self.root = install(self.addCleanup)
        units = self.root / "etc/systemd/system"
        units.mkdir(parents=True)
        for name in BY_DEFAULT:
            (units / name).write_text("[Unit]\nDescription=Stands for systemd's own\n")
        (self.root / "bin").mkdir()
        shutil.copy("/bin/kill", self.root / "bin")

    def test_systemd_finds_nothing_to_say(self):
        # What it says counts, not its exit status, which is 0 on systemd 252 for most of what it
        # finds. The pages named in units are for pages.py.
        done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={self.root}", *INSTANCES)
        self.assertEqual(done.stdout + done.stderr, "")


if __name__ == "__main__":
    unittest.main()
