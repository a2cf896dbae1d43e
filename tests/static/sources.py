# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules for the text of the sources that neither compiler nor linter keeps."""
import pathlib
import re
import unittest

from support import SOURCE, Check, files, files_below, read, run, tool

CODE = files_below("src", ".cpp", ".h")
TESTS = files_below("tests")
# Names what it looks for.
THIS = pathlib.Path(__file__).resolve().relative_to(SOURCE)

# Runs a shell, has no bounds, or keeps its state between calls; std::regex is slow and overflows
# the stack on long input.
FORBIDDEN = (r"(?<![\w.>])(system|popen|gets|strcpy|strcat|v?sprintf|strtok|alloca|mktemp)\s*\("
             r"|std::regex")
SKIPS = (r"doctest::(skip|may_fail|should_fail)|pytest\.(mark\.)?(skip|xfail)|importorskip"
         r"|@(\w+\.)?skip|skipTest|SkipTest|@\w*\.?expectedFailure")


def places(paths, pattern):
    for path in paths:
        for number, line in enumerate(read(path).splitlines(), 1):
            if path != THIS and re.search(pattern, line):
                yield f"{path}:{number}: {line.strip()}"


class Sources(Check):
    def test_no_file_is_long(self):
        # A page is as long as what it describes.
        self.assert_none([path for path in files() if str(path) != "LICENSE" and path.suffix != ".scd"
                          and len(read(path).splitlines()) > 400], "More than 400 lines")

    def test_nothing_forbidden_is_called(self):
        self.assert_none(places(CODE, FORBIDDEN), "Forbidden")

    def test_nothing_is_left_to_do(self):
        self.assert_none(places(files(), r"\b(TODO|FIXME|XXX)\b"), "Unfinished")

    def test_no_test_is_skipped(self):
        self.assert_none(places(TESTS, SKIPS), "Skipped")

    def test_scripts_are_shell(self):
        scripts = [path for path in files()
                   if path.suffix in (".sh", ".bash") or re.match(r"#!/bin/(ba)?sh\b", read(path))]
        self.assertGreater(len(scripts), 4)
        for path in scripts:
            done = run(tool("bash"), "-n", SOURCE / path)
            self.assertEqual((done.returncode, done.stderr), (0, ""), path)

    def test_scripts_are_python(self):
        for path in files():
            if path.suffix == ".py":
                compile(read(path), str(path), "exec")  # a SyntaxError says where

    def test_what_has_an_interpreter_can_be_run(self):
        self.assert_none([path for path in files() if read(path).startswith("#!")
                          and not (SOURCE / path).stat().st_mode & 0o100], "Not executable")

    def test_lines_end_cleanly(self):
        self.assert_none(places([path for path in files() if str(path) != "LICENSE"], r"[ \t\r]$"),
                         "White space at the end")
        self.assert_none([path for path in files() if not read(path).endswith("\n")],
                         "No last newline")


if __name__ == "__main__":
    unittest.main()
