# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every example of a configuration passes "usb-hotplugctl check". What those of contrib/examples
decide is in decided.py."""
import pathlib
import re
import unittest

from support import SOURCE, Check, files_below, install_module, page, program, read, run, temporary_folder


def files_of_examples():
    return [read(path) for path in files_below("contrib", ".toml")]


def blocks_of_pages():
    """A shell command in such a block is a comment to TOML, by its prompt."""
    return [block for path in files_below("man", ".scd")
            for block in re.findall(r"^```\n(.*?)^```", read(path), re.M | re.S) if "[[" in block
            and "$ " not in block]


def examples_of_keys():
    """The line "Example: _id = ..._, _id = ..._" below each key; rules are put into a rule."""
    for section, table in (("THE [guest] TABLE", "[guest]"),
                           ("THE [[usb]] AND [[except]] TABLES", "[[usb]]")):
        for line in re.findall(r"Example: (.+)$", page("usb-hotplug.toml.5")[section], re.M):
            for example in re.findall(r"_(\w+ = .+?)_(?=, _|$)", line):
                example = example.replace("\\*", "*")
                # These say nothing about a device.
                alone = table == "[guest]" or not example.startswith(("description", "enabled"))
                yield f"{table}\n{example}\n" + ("" if alone else "bus = 1\n")


def commands_of_readme():
    found = re.findall(r"printf '(\[.+?)'", read("README.md"))
    return [text.replace("\\n", "\n") for text in found]


class Examples(Check):
    def check(self, examples, least):
        examples = list(examples)
        self.assertGreaterEqual(len(examples), least, "examples are not found any more")
        root = temporary_folder(self.addCleanup)
        install_module(root)
        folder = root / "etc/usb-hotplug"
        folder.mkdir(parents=True)
        for number, example in enumerate(examples):
            (folder / f"example-{number}.toml").write_text(example)
        done = run(program("usb-hotplugctl"), "check", env={"USB_HOTPLUG_ROOT": str(root)})
        # Warnings are about this machine, which need not have libvirt.
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        count = len(examples)
        self.assertIn(f"{count} guest{'s' * (count != 1)} in order, 0 errors", done.stdout)

    def test_files(self):
        self.check(files_of_examples(), 4)

    def test_pages(self):
        self.check(blocks_of_pages(), 4)

    def test_keys(self):
        self.check(examples_of_keys(), 15)

    def test_readme(self):
        self.check(commands_of_readme(), 1)


class Shown(Check):
    """Tables that README and the pages show have the headings, and the columns, of the program."""

    def headings(self, verb):
        done = run(SOURCE / "tests/unit/on-fake-machine", SOURCE / "tests/unit/ctl/devices.umockdev",
                   program("usb-hotplugctl"), verb)
        self.assertTrue(done.stdout, done.stderr)
        return done.stdout.splitlines()[0].split()

    def test_tables(self):
        for verb in ("list", "tree"):
            shown = 0
            for path in (pathlib.Path("README.md"), pathlib.Path("man/usb-hotplugctl.1.scd")):
                text = re.search(rf"^ *[#$] usb-hotplugctl {verb}\n((?: *\S.*\n)+?)(?=```|\n| *[#$])",
                                 read(path), re.M)
                if text is not None:
                    shown += 1
                    heading, *rows = text[1].splitlines()
                    self.assertEqual(heading.split(), self.headings(verb), path)
                    starts = [match.start() for match in re.finditer(r"\S+", heading)][1:]
                    self.assert_none([row for row in rows for start in starts if row[start - 1] != " "],
                                     f"{path}: not in columns")
            self.assertGreaterEqual(shown, 1, verb)


if __name__ == "__main__":
    unittest.main()
