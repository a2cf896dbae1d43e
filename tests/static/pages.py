# SPDX-License-Identifier: LGPL-2.1-or-later
"""The man pages: their form, what they refer to, and what refers to them."""
import re
import unittest

from support import PAGES as PROGRAMS
from support import BUILD, Check, files, files_below, page, read, run, tool

PAGES = [path.name.removesuffix(".scd") for path in files_below("man", ".scd")]
OTHERS = {
    "glob(7)", "lsusb(8)", "polkit(8)", "qemu-img(1)", "systemctl(1)", "systemd(1)", "systemd-analyze(1)",
    "systemd-escape(1)", "systemd-suspend.service(8)", "systemd.device(5)", "systemd.exec(5)", "systemd.service(5)",
    "systemd.special(7)", "systemd.target(5)", "systemd.time(7)", "udev(7)", "udevadm(8)", "udisks(8)",
    "umockdev-record(1)", "umockdev-run(1)",
    "usbguard(1)", "virsh(1)",
}


def reference(name):
    """usb-hotplug.7 as it is written in a text: usb-hotplug(7)."""
    return re.sub(r"\.(\d)$", r"(\1)", name)


OURS = {reference(name) for name in PAGES}


class Pages(Check):
    def test_every_page_is_built(self):
        listed = re.findall(r"^  '(.+)',$", read("man/meson.build"), re.M)
        self.assertEqual(sorted(listed), sorted(PAGES))

    def test_every_unit_and_program_has_a_page(self):
        units = {path.name.removesuffix(".in") for path in files_below("units", ".in")}
        self.assertGreater(len(units), 4)
        self.assert_none(units - {name.rpartition(".")[0] for name in PAGES}, "Unit without a page")
        self.assert_none(set(PROGRAMS.values()) - set(PAGES), "Program without a page")

    def test_mandoc_finds_nothing(self):
        for name in PAGES:
            done = run(tool("mandoc"), "-T", "lint", "-W", "warning", BUILD / "man" / name)
            self.assert_none((done.stdout + done.stderr).splitlines(), name)

    def test_title(self):
        for name in PAGES:
            self.assertEqual(read(f"man/{name}.scd").splitlines()[0], reference(name))
            title = re.search(r'^\.TH "(.+?)" "(.)"', (BUILD / "man" / name).read_text(), re.M)
            self.assertEqual(f"{title[1]}({title[2]})", reference(name))

    def test_name(self):
        for name in PAGES:
            self.assertRegex(page(name)["NAME"], rf"\A\n{re.escape(name[:-2])}(, [\w-]+)? - \w")

    def test_sections(self):
        for name in PAGES:
            sections = list(page(name))
            self.assertEqual(sections[0], "NAME", name)
            self.assertIn("DESCRIPTION", sections, name)
            self.assertEqual(sections[-2:], ["EXAMPLES", "SEE ALSO"], name)
            self.assertIn("```", page(name)["EXAMPLES"], name)

    def test_references_are_to_pages_that_exist(self):
        for name in PAGES:
            found = re.findall(r"\*([\w.@-]+)\*(\(\d\))", read(f"man/{name}.scd"))
            self.assert_none({"".join(each) for each in found} - OURS - OTHERS, f"{name} refers to")

    def test_other_files_refer_to_pages_that_exist(self):
        for path in files():
            found = set(re.findall(r"\busb-hotplug[\w.@-]*\(\d\)", read(path)))
            self.assert_none(found - OURS, f"{path} refers to")

    def test_the_overview_leads_to_every_page(self):
        seen = page("usb-hotplug.7")["SEE ALSO"].replace("*", "")
        self.assert_none(OURS - {"usb-hotplug(7)"} - set(re.findall(r"[^\s,]+", seen)), "Left out")


if __name__ == "__main__":
    unittest.main()
