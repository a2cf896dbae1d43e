#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Adds up what ran: the sum is the last line of tests/run.

    results.py FILE...

A FILE is meson's testlog.json, pytest's JUnit XML, or NAME.check holding "ok" or "failed". What
meson runs, programs of doctest and of unittest, counts for each of its cases. What was skipped
counts as failed, and so does a file that is not there: something that should have run did not.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

DOCTEST = re.compile(r"\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")

UNITTEST = re.compile(r"^Ran (\d+) tests? in ", re.M)
UNITTEST_BAD = re.compile(r"^(?:ERROR|FAIL): (\w+ \([\w.]+\))", re.M)
UNITTEST_SKIPPED = re.compile(r"\bskipped=(\d+)")


def cases_of(test):
    """(passed, failed) of the cases of a program; nothing known is (0, 0)."""
    if cases := DOCTEST.search(test.get("stdout", "")):
        return int(cases[2]), int(cases[3])
    said = test.get("stderr", "")
    if cases := UNITTEST.search(said):
        skipped = UNITTEST_SKIPPED.search(said)
        # A case has one failure for each of its subtests, and setUpClass can fail without a case.
        failed = len(set(UNITTEST_BAD.findall(said))) + int(skipped[1] if skipped else 0)
        return max(int(cases[1]) - failed, 0), failed
    return 0, 0


def meson(path):
    passed = failed = 0
    for line in path.read_text().splitlines():
        test = json.loads(line)
        good = test["result"] == "OK"
        cases = cases_of(test)
        passed += cases[0] if any(cases) else good
        failed += cases[1] or not good
        if not good:
            print(f"failed: {test['name']}: {test['result']}")
    return passed, failed


def junit(path):
    passed = failed = 0
    for case in ElementTree.parse(path).iter("testcase"):
        bad = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        passed += not bad
        failed += bool(bad)
        if bad:
            print(f"failed: {path.stem}: {case.get('name')}: {bad[0]}")
    return passed, failed


def check(path):
    good = path.read_text().strip() == "ok"
    if not good:
        print(f"failed: {path.stem}")
    return int(good), int(not good)


def main(files):
    passed = failed = 0
    for path in map(pathlib.Path, files):
        read = {".json": meson, ".xml": junit, ".check": check}[path.suffix]
        try:
            good, bad = read(path)
        except (OSError, ValueError, ElementTree.ParseError):
            good, bad = 0, 0
        if good + bad == 0:
            print(f"failed: {path} has no results")
            bad = 1
        passed, failed = passed + good, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
