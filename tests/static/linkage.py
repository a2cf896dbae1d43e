# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs load. usb-hotplug-match runs for every plug and loads next to nothing."""
import re
import unittest

from support import PAGES, Check, output, program, tool

C = {"libm", "libc", "ld-linux"}
LANGUAGE = C | {"libstdc++", "libgcc_s"}
MAY = {
    "usb-hotplug-match": C,
    "usb-hotplug-worker": LANGUAGE | {"libsystemd"},
    "usb-hotplug-guest": LANGUAGE | {"libsystemd"},
    "usb-hotplugctl": LANGUAGE | {"libsystemd", "libpugixml", "libsmartcols"},
}
# The rest of MAY is left out where it is a header only, as pugixml can be.
MUST = {"libsystemd", "libsmartcols"}


def dynamic(name):
    return output(tool("readelf"), "-dW", program(name))


def needed(name):
    return set(re.findall(r"\(NEEDED\).*\[(ld-linux|lib[^.]*)", dynamic(name)))


class Linkage(Check):
    def test_nothing_else_is_loaded(self):
        for name in PAGES:
            self.assert_none(needed(name) - MAY[name], f"{name} loads")

    def test_what_is_needed_is_loaded(self):
        for name in PAGES:
            self.assert_none((MAY[name] & MUST) - needed(name), f"{name} does not load")

    def test_no_library_path_is_built_in(self):
        for name in PAGES:
            self.assertNotRegex(dynamic(name), r"\((RPATH|RUNPATH)\)", name)


if __name__ == "__main__":
    unittest.main()
