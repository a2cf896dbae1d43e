# SPDX-License-Identifier: LGPL-2.1-or-later
"""One version: of meson.build, of the news, and of the build."""
import re
import unittest

from support import BUILD, Check, read

VERSION = re.search(r"^  version: '(.+)',$", read("meson.build"), re.M)[1]


class Version(Check):
    def test_form(self):
        self.assertRegex(VERSION, r"^\d+\.\d+\.\d+$")

    def test_the_news_begin_with_it(self):
        self.assertEqual(re.search(r"^## (.+)$", read("NEWS.md"), re.M)[1], VERSION)

    def test_the_debian_package_has_it(self):
        self.assertRegex(read("contrib/debian/changelog"), rf"^usb-hotplug \({re.escape(VERSION)}\) ")

    def test_the_programs_are_built_with_it(self):
        self.assertIn(f'USB_HOTPLUG_VERSION "{VERSION}"', (BUILD / "src/version.h").read_text())


if __name__ == "__main__":
    unittest.main()
