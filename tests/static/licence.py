# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every file says its licence, and the licence is there."""
import unittest

from support import Check, files, read

LINE = "SPDX-License-Identifier: LGPL-2.1-or-later"
# The text itself, and what has no comments; contrib/debian/copyright speaks for the latter.
WITHOUT = ("LICENSE", "contrib/debian/changelog", "contrib/debian/source/format")


class Licence(Check):
    def test_every_file_says_its_licence(self):
        # At the top, but below "#!" and the title of a man page.
        self.assert_none([path for path in files() if str(path) not in WITHOUT
                          and LINE not in "\n".join(read(path).splitlines()[:3])],
                         f"Without {LINE}")

    def test_the_licence_is_there(self):
        text = read("LICENSE")
        self.assertIn("GNU LESSER GENERAL PUBLIC LICENSE", text)
        self.assertIn("Version 2.1", text)

    def test_meson_says_the_same(self):
        self.assertIn("license: 'LGPL-2.1-or-later'", read("meson.build"))


if __name__ == "__main__":
    unittest.main()
