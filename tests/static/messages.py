# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages: base/log.h, the catalog and usb-hotplug(7) speak of the same ones."""
import re
import unittest

from support import Check, files_below, output, page, read, temporary_folder, tool

CATALOG = "contrib/usb-hotplug.catalog"
PAGE = page("usb-hotplug.7")["JOURNAL FIELDS"]
KINDS = re.findall(r'(\w+) = "(\w{10,})";', read("src/base/log.h"))
IDS = [id for _, id in KINDS]
FIELDS = re.findall(r'= "(USB_HOTPLUG_\w+)";', read("src/base/fields.h"))


class Messages(Check):
    def test_ids_are_ids(self):
        # As "journalctl --new-id128" makes them: 128 random bits, marked as such.
        self.assertTrue(IDS)
        self.assert_none([id for id in IDS
                          if not re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", id)],
                         "Not an id")

    def test_ids_are_unique(self):
        self.assertEqual(len(set(IDS)), len(IDS))

    def test_every_id_is_used(self):
        text = "".join(read(path) for path in files_below("src", ".cpp"))
        used = set(re.findall(r"message_id::(\w+)", text))
        self.assert_none({name for name, _ in KINDS} - used, "Unused")

    def test_the_catalog_has_them(self):
        self.assertEqual(re.findall(r"^-- (.+)$", read(CATALOG), re.M), IDS)

    def test_the_page_has_them(self):
        self.assertEqual(re.findall(r"^(\w{32})  \S", PAGE, re.M), IDS)

    def test_the_page_has_the_fields(self):
        self.assertEqual(re.findall(r"^_(USB_\w+)=_$", PAGE, re.M), FIELDS)

    def test_the_catalog_names_fields_that_are_there(self):
        named = set(re.findall(r"@(USB_\w+)@", read(CATALOG)))
        self.assert_none(named - set(FIELDS), "No such field")

    def test_entries_are_complete(self):
        for entry in re.split(r"^-- ", read(CATALOG), flags=re.M)[1:]:
            self.assertRegex(entry, r"\A\w+\nSubject: .+\nDefined-By: usb-hotplug\n"
                                    r"Documentation: man:.+\n\n(.+\n)+")

    def test_the_journal_reads_the_catalog(self):
        root = temporary_folder(self.addCleanup)
        folder = root / "usr/lib/systemd/catalog"
        folder.mkdir(parents=True)
        (root / "var/lib/systemd/catalog").mkdir(parents=True)
        (folder / "usb-hotplug.catalog").write_text(read(CATALOG))
        output(tool("journalctl"), "--root", root, "--update-catalog")
        listed = output(tool("journalctl"), "--root", root, "--list-catalog")
        self.assertEqual(sorted(re.findall(r"^(\w{32}) usb-hotplug: ", listed, re.M)), sorted(IDS))


if __name__ == "__main__":
    unittest.main()
