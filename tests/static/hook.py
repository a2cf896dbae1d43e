# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example of a libvirt hook, called as libvirt calls it."""
import os
import unittest

from support import SOURCE, Check, output, temporary_folder


class Hook(Check):
    def setUp(self):
        self.root = temporary_folder(self.addCleanup)
        for folder, name in (("etc", "win10"), ("usr/lib", "work"), ("etc", "host")):
            (self.root / folder / "usb-hotplug").mkdir(parents=True, exist_ok=True)
            (self.root / folder / "usb-hotplug" / f"{name}.toml").touch()
        systemctl = self.root / "bin/systemctl"
        systemctl.parent.mkdir()
        systemctl.write_text('#!/bin/sh\necho "$@"\n')
        systemctl.chmod(0o755)

    def hook(self, domain, operation, sub_operation):
        return output(SOURCE / "contrib/libvirt-hook", domain, operation, sub_operation, "-",
                      env={"USB_HOTPLUG_ROOT": str(self.root),
                           "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"})

    def test_a_guest_is_enabled_while_it_runs(self):
        for guest in ("win10", "work"):
            self.assertEqual(self.hook(guest, "started", "begin"),
                             f"--no-block start usb-hotplug@{guest}.target\n")
            self.assertEqual(self.hook(guest, "release", "end"),
                             f"--no-block stop usb-hotplug@{guest}.target\n")

    def test_nothing_is_done_at_other_times(self):
        for operation in ("prepare", "start", "stopped", "reconnect", "migrate"):
            for sub_operation in ("begin", "end"):
                self.assertEqual(self.hook("win10", operation, sub_operation), "")

    def test_other_domains_are_left_alone(self):
        for domain in ("unknown", "host", "../win10", "win 10", "$(reboot)", ""):
            self.assertEqual(self.hook(domain, "started", "begin"), "")


if __name__ == "__main__":
    unittest.main()
