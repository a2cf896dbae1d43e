# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian package: lintian has nothing against it, and it does to the system what it should."""
import re
import subprocess
import unittest

from support import BUILD, SOURCE, Check, install, output, read, run, temporary_folder, tool


class Package(Check):
    @classmethod
    def setUpClass(cls):
        for program in ("dpkg-buildpackage", "dh"):
            tool(program)
        cls.folder = temporary_folder(cls.addClassCleanup)
        # Not by run(), whose limit is that of a tool: debhelper takes its time on a busy machine.
        done = subprocess.run([SOURCE / "contrib/deb", "--built", BUILD, cls.folder], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=250)
        if done.returncode != 0:
            raise AssertionError(f"contrib/deb:\n{done.stdout}{done.stderr}")
        cls.package = done.stdout.strip()

    def test_lintian_finds_nothing(self):
        # What it says counts. The compiler's hardening flags, which the build folder's objects need
        # not have, and which its info is about, are dpkg's when the package is built for good.
        done = run(tool("lintian"), "--allow-root", "--fail-on", "error,warning", self.package)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_it_has_all_that_is_installed(self):
        root = install(self.addCleanup)
        meant = {f"/{path.relative_to(root)}" for path in root.rglob("*") if not path.is_dir()}
        listed = re.findall(r"\./(\S*?)(?:\.gz)?(?: ->.*)?$", output("dpkg", "-c", self.package), re.M)
        self.assertLessEqual(meant, {f"/{path}" for path in listed})

    def test_its_scripts_start_nothing(self):
        control = temporary_folder(self.addCleanup)
        output("dpkg-deb", "-e", self.package, control)
        scripts = "".join((control / name).read_text() for name in ("postinst", "prerm", "postrm"))
        # What runs while the machine sleeps; and device units are only ever stopped, at removal.
        self.assertNotIn("usb-hotplug-sleep", scripts)
        self.assertEqual(re.findall(r"\b(?:re)?start '.*", scripts), ["restart 'usb-hotplug-guest@*.service' || true"])
        self.assertEqual(sorted(path.name for path in control.iterdir()),
                         ["control", "md5sums", "postinst", "postrm", "prerm"])

    def test_build_dependencies_are_those_of_the_tests(self):
        control = read("contrib/debian/control").partition("\nPackage:")[0]
        meant = set(re.findall(r"^(?: |Build-Depends: )([a-z][\w.+-]+)", control, re.M))
        used = set(" ".join(re.findall(r"^build: (.*)", read("tests/packages"), re.M)).split())
        # build-essential has g++. What is said otherwise: ninja comes with meson, udev's library
        # with systemd's, and pkg-config is another's name by now.
        used -= {"g++", "ninja-build", "libudev-dev", "pkg-config", "systemd"}
        self.assertEqual(meant - {"debhelper-compat", "pkgconf", "systemd-dev", "umockdev"}, used)


if __name__ == "__main__":
    unittest.main()
