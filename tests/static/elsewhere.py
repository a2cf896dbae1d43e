# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packagings for systems other than Debian, as far as their tools are here."""
import re
import unittest

from support import SOURCE, Check, output, read, tool

VERSION = re.search(r"^  version: '(.+)',$", read("meson.build"), re.M)[1]


class Archlinux(Check):
    def test_the_variables_are_right(self):
        said = output(tool("bash"), "-euc", 'source "$1"; echo "$pkgname $pkgver $pkgrel $install ${license[*]} '
                      '${#source[@]} ${#sha256sums[@]}"; declare -F build check package', "bash",
                      SOURCE / "contrib/archlinux/PKGBUILD").split("\n")
        self.assertEqual(said[0], f"usb-hotplug {VERSION} 1 usb-hotplug.install LGPL-2.1-or-later 1 1")
        self.assertEqual(said[1:4], ["build", "check", "package"])

    def test_the_scripts_are_functions(self):
        said = output(tool("bash"), "-euc", 'source "$1"; declare -F', "bash",
                      SOURCE / "contrib/archlinux/usb-hotplug.install").split()
        self.assertEqual(said[2::3], ["post_install", "post_upgrade", "pre_remove"])


class Fedora(Check):
    SPEC = SOURCE / "contrib/fedora/usb-hotplug.spec"

    def test_rpm_reads_it(self):
        said = output(tool("rpmspec"), "--query", "--qf", "%{name} %{version} %{license}\\n", self.SPEC)
        self.assertEqual(said, f"usb-hotplug {VERSION} LGPL-2.1-or-later\n")


class NixOS(Check):
    def test_nix_reads_it(self):
        for name in ("module", "package"):
            output(tool("nix-instantiate"), "--parse", SOURCE / f"contrib/nixos/{name}.nix")

    def test_the_version_is_ours(self):
        self.assertIn(f'version = "{VERSION}";', read("contrib/nixos/package.nix"))


if __name__ == "__main__":
    unittest.main()
