# SPDX-License-Identifier: LGPL-2.1-or-later
"""What every program owes a command line: help, a version, and a word about wrong usage."""
import re
import unittest

from support import PAGES, Check, page, program, read, run

WRONG = {
    "usb-hotplug-match": ["extra", "--frobnicate"],
    "usb-hotplug-worker": ["", "attach", "attach a", "attach /dev/a /dev/b", "frobnicate /dev/a"],
    "usb-hotplug-guest": ["", "watch", "watch ../a", "watch a b", "frobnicate a"],
    "usb-hotplugctl": ["", "frobnicate", "--frobnicate", "list 1-4", "check a", "explain",
                       "explain 1-4 --frobnicate", "attach 1-4", "detach", "detach 1-4 a"],
}


class Programs(Check):
    def test_help(self):
        for name in PAGES:
            for option in ("--help", "-h"):
                with self.subTest(program=name, option=option):
                    done = run(program(name), option)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertIn(name, done.stdout)

    def test_help_fits_a_terminal(self):
        for name in PAGES:
            lines = run(program(name), "--help").stdout.splitlines()
            self.assert_none([line for line in lines if len(line) > 80], f"{name} --help is wide")

    def test_version(self):
        version = re.search(r"version: '(.+?)'", read("meson.build"))[1]
        for name in PAGES:
            with self.subTest(program=name):
                done = run(program(name), "--version")
                self.assertEqual((done.returncode, done.stdout, done.stderr),
                                 (0, f"usb-hotplug {version}\n", ""))

    def test_wrong_usage(self):
        for name, lines in WRONG.items():
            statuses = page(PAGES[name])["EXIT STATUS"]
            documented = re.search(r"^\*(\d+)\*\n\tWrong usage", statuses, re.M)
            for line in lines:
                with self.subTest(program=name, arguments=line):
                    done = run(program(name), *line.split())
                    self.assertEqual((done.returncode, done.stdout), (int(documented[1]), ""))
                    self.assertIn("--help", done.stderr, "it does not say what to do")


if __name__ == "__main__":
    unittest.main()
