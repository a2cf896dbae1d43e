#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many instructions usb-hotplug-match and the decision function take, which is the same at
every run.

    instructions.py [BUILD_FOLDER]           fails when a count is more than 10 % over its figure
    instructions.py [BUILD_FOLDER] --renew   makes the counts of now the figures

The figures are in instructions.toml beside this file. They are for Debian 12: other compilers and
other C libraries need others. "All" is the whole process, with the dynamic loader, which the C
library and the way we link decide about; "from main" is our own code and what it calls.
"""
import pathlib
import re
import subprocess
import sys
import tomllib

import measure

FIGURES = pathlib.Path(__file__).with_name("instructions.toml")
LIMIT = 1.10
RENEW = "tests/bench/instructions.py --renew"
HEAD = f"""\
# SPDX-License-Identifier: LGPL-2.1-or-later
# Instructions as callgrind counts them, on Debian 12 and its g++, in a release build. A count that
# is more than 10 % higher fails; if it has to be, "{RENEW}"
# writes this file anew.
"""


def count(command, environment, inside=None):
    """The instructions of a run, or of those in the function `inside` and what it calls."""
    with measure.folder() as folder:
        out = pathlib.Path(folder) / "out"
        words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        words += [f"--toggle-collect={inside}"] if inside else []
        done = subprocess.run([*words, *command], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", **environment})
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed under valgrind:\n{done.stdout}{done.stderr}")
        counted = int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)[1])
    if counted == 0:
        sys.exit(f"{command[0]} has no function {inside}")
    return counted


def match_counts(build, folder):
    """{what: instructions} of usb-hotplug-match, for what a plug can be."""
    program = [measure.match_of(build)]
    roots = {name: measure.configure(f"{folder}/{name}", guests, rules, last)
             for name, guests, rules, last in (
                 ("none", 1, 0, None), ("unwanted", 3, 20, None), ("wanted", 3, 20, measure.WANTED),
                 ("broken", 3, 20, measure.BROKEN))}
    inputs = {
        "a device, no rules": measure.at(roots["none"]),
        "an unwanted device, 20 rules in 3 guests": measure.at(roots["unwanted"]),
        "a wanted device, 20 rules in 3 guests": measure.at(roots["wanted"]),
        "a device, and one of 3 files is broken": measure.at(roots["broken"]),
        "a hub, 20 rules in 3 guests": measure.at(roots["unwanted"], measure.HUB),
    }
    counts = {}
    for name, environment in inputs.items():
        counts[f"match: {name}: all"] = count(program, environment)
        counts[f"match: {name}: from main"] = count(program, environment, "main")
    return counts


def decision_counts(build, folder):
    """{what: instructions} of the decision function and of what is read for it."""
    program = str(build / "tests/bench/bench-decide")
    counts = {}
    for name, guests, rules, last, devices in (
            ("unwanted device, 20 rules in 3 guests", 3, 20, None, 1),
            ("wanted device, 20 rules in 3 guests", 3, 20, measure.WANTED, 1),
            ("120 devices, 1000 rules in 50 guests", 50, 1000, measure.WANTED, 120)):
        root = measure.configure(f"{folder}/{devices}-{rules}-{last is None}", guests, rules, last)
        command = [program, f"{root}/etc/usb-hotplug", str(devices), "1"]
        counts[f"decide: {name}"] = count(command, {}, "measure_decide")
        if last is not None:
            counts[f"read: {rules} rules in {guests} guests"] = count(command, {}, "measure_load")
    return counts


def faults_of(counts, figures):
    for name in figures.keys() - counts.keys():
        yield f"{name}: nothing counts this any more; {RENEW}"
    for name, counted in counts.items():
        if name not in figures:
            yield f"{name}: has no figure; {RENEW}"
        elif counted > figures[name] * LIMIT:
            yield (f"{name}: {counted} instructions, which is {counted / figures[name] - 1:+.0%} over the figure; "
                   f"if that has to be: {RENEW}")


def text_of(counts, figures):
    rows = [(name, f"{counted:,}", f"{counted / figures[name] - 1:+.1%}" if name in figures else "")
            for name, counted in counts.items()]
    return ("## Instructions\n\nOf callgrind, and how far they are from the figures of instructions.toml.\n\n"
            + measure.table(("what", "instructions", "over the figure"), rows))


def main():
    """(what was found, what is wrong with it)"""
    build = measure.build_folder()
    with measure.folder() as folder:
        counts = {**match_counts(build, folder), **decision_counts(build, folder)}
    if "--renew" in sys.argv:
        FIGURES.write_text(HEAD + "".join(f'"{name}" = {counted}\n' for name, counted in counts.items()))
    figures = tomllib.loads(FIGURES.read_text())
    return text_of(counts, figures), list(faults_of(counts, figures))


if __name__ == "__main__":
    sys.exit(measure.finish(*main()))
