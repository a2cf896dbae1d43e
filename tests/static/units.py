# SPDX-License-Identifier: LGPL-2.1-or-later
"""The units as systemd reads them, in a root that has nothing else, and what they may do."""
import json
import re
import shutil
import unittest

from support import Check, install, page, read, run, temporary_folder, tool

# What systemd adds to any unit by itself.
BY_DEFAULT = ["sysinit.target", "basic.target", "shutdown.target", "multi-user.target",
              "sleep.target"]
INSTANCES = ["usb-hotplug@dev-bus-usb-001-005.service", "usb-hotplug@win10.target",
             "usb-hotplug-guest@win10.service", "usb-hotplug-refresh@dev-sdb.service",
             # With the colons of a real one it would be a file and an alias to systemd-analyze.
             "usb-hotplug-order@take.service",
             "usb-hotplug-sleep.service"]
SERVICES = ["usb-hotplug@.service", "usb-hotplug-guest@.service",
            "usb-hotplug-order@.service", "usb-hotplug-refresh@.service", "usb-hotplug-sleep.service"]
EXPOSURE = 1.5


class Units(Check):
    def setUp(self):
        self.root = install(self.addCleanup)
        units = self.root / "etc/systemd/system"
        units.mkdir(parents=True)
        for name in BY_DEFAULT:
            (units / name).write_text("[Unit]\nDescription=Stands for systemd's own\n")
        (self.root / "bin").mkdir()
        for program in ("kill", "udevadm"):
            shutil.copy(f"/bin/{program}", self.root / "bin")

    def test_systemd_finds_nothing_to_say(self):
        # What it says counts, not its exit status, which is 0 on systemd 252 for most of what it
        # finds. The pages named in units are for pages.py.
        done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={self.root}", *INSTANCES)
        self.assertEqual(done.stdout + done.stderr, "")


class Security(Check):
    """How much of the machine the services can reach, by "systemd-analyze security"."""

    @classmethod
    def setUpClass(cls):
        root = install(cls.addClassCleanup)
        folder = temporary_folder(cls.addClassCleanup)
        cls.copies = {}
        for name in SERVICES:
            [unit] = [path for path in root.rglob(name) if not path.is_symlink()]
            cls.copies[name] = folder / name.replace("@", "@instance")
            shutil.copy(unit, cls.copies[name])

    def analyze(self, name, *words):
        return run(tool("systemd-analyze"), "security", "--offline=true", "--no-pager", *words,
                   self.copies[name])

    def test_exposure(self):
        for name in SERVICES:
            done = self.analyze(name, f"--threshold={EXPOSURE * 10:.0f}")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            # The threshold is not what makes it pass.
            self.assertNotEqual(self.analyze(name, "--threshold=1").returncode, 0, name)

    def points(self, name):
        """What is left against a service, by name."""
        done = self.analyze(name, "--json=short")
        self.assertEqual((done.returncode, done.stderr), (0, ""), name)
        found = [each for each in json.loads(done.stdout) if float(each["exposure"] or 0) > 0]
        return {each["name"] for each in found}

    def test_every_point_that_is_left_has_a_reason_in_the_unit(self):
        for name in SERVICES:
            reasons = re.findall(r"^#   (\S+=.*?) - \S", read(f"units/{name}.in"), re.M)
            self.assertEqual(sorted(", ".join(reasons).split(", ")), sorted(self.points(name)), name)

    def test_every_point_that_is_left_has_a_reason_in_the_page(self):
        for name in SERVICES:
            section = page(f"{name}.8")["SECURITY"].partition("systemd-analyze security")[2]
            reasons = re.findall(r"^\*([A-Z]\w+=.*)\*$", section, re.M)
            self.assertEqual(sorted("*, *".join(reasons).split("*, *")), sorted(self.points(name)), name)


if __name__ == "__main__":
    unittest.main()
