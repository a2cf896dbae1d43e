#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What starting each program costs, and the run of usb-hotplug-match that every plug pays.

    startup.py [BUILD_FOLDER]

Times are multiples of /bin/true's, which runs in turns with the others. "Clock" is the median of
the time by the clock, as a user sees it, with whatever else the machine does; "processor" is the
fastest run's time in the program and in the kernel, where that hardly shows. Fails when a device
that nobody wants costs more than LIMIT times /bin/true by both.
"""
import pathlib
import re
import subprocess
import sys

import measure

ROUNDS = 61
GOAL = 2
LIMIT = 2.3     # of the goal, and of what other work on the machine adds to so short a time
PROGRAMS = ("usb-hotplug-match", "usb-hotplug-worker", "usb-hotplug-guest", "usb-hotplugctl")
MODULES = ("usb-hotplug-regex.so", "usb-hotplug-qmp.so", "usb-hotplug-libvirt.so")


def ratio(runs, base):
    """(by the clock, on the processor)"""
    return (measure.median(runs) / measure.median(base), measure.fastest(runs) / measure.fastest(base))


def plug(build):
    """(table, faults) of what usb-hotplug-match takes of a plug."""
    with measure.folder() as folder:
        root = {name: measure.configure(f"{folder}/{name}", guests, rules, last)
                for name, guests, rules, last in (
                    ("none", 1, 0, None), ("unwanted", 3, 20, None), ("wanted", 3, 20, measure.WANTED),
                    ("regex", 3, 20, measure.REGEX))}
        measure.install_regex(root["regex"], build)
        program = [measure.match_of(build)]
        unwanted = "a device that nobody wants, 20 rules in 3 guests"
        inputs = {
            "/bin/true": ([measure.TRUE], {}),
            "a hub": (program, measure.at(root["unwanted"], measure.HUB)),
            "a device, no rules": (program, measure.at(root["none"])),
            unwanted: (program, measure.at(root["unwanted"])),
            "a wanted device, 20 rules in 3 guests": (program, measure.at(root["wanted"])),
            "the same unwanted, one rule has a regular expression": (program, measure.at(root["regex"])),
        }
        done = dict(zip(inputs, measure.in_turns(ROUNDS, list(inputs.values()))))
    base = done["/bin/true"]
    rows = [(name, *(f"{each:.2f}" for each in ratio(runs, base)), int(measure.median(runs, "pages")))
            for name, runs in done.items()]
    worst = min(ratio(done[unwanted], base))
    faults = [f"{unwanted}: {worst:.2f} times as long as /bin/true; the goal is {GOAL}"] if worst > LIMIT else []
    return measure.table(("usb-hotplug-match", "clock", "processor", "pages"), rows), faults


def libraries(path, preload=None):
    """How many files the loader loads, itself and the program left out."""
    environment = {"LD_TRACE_LOADED_OBJECTS": "1", **({"LD_PRELOAD": preload} if preload else {})}
    said = subprocess.run([path], env=environment, capture_output=True, text=True, check=True).stdout
    return len([line for line in said.splitlines() if "vdso" not in line and "ld-linux" not in line])


def relocations(command, environment):
    """(by symbol, relative to where the file is) until main."""
    said = subprocess.run(command, env={**environment, "LD_DEBUG": "statistics"}, capture_output=True,
                          text=True, check=True).stderr
    kinds = ("relocations", "relative relocations")
    return [int(re.search(rf"number of {kind}: (\d+)", said)[1]) for kind in kinds]


def programs(build):
    """The table of all programs, and of what the modules add."""
    runs = {"/bin/true": (measure.TRUE, None)}
    runs.update({name: (str(build / "src" / name), None) for name in PROGRAMS})
    runs.update({f"/bin/true with {name}": (measure.TRUE, str(build / "src" / name)) for name in MODULES})
    words = [([program] + ["--version"] * (program != measure.TRUE), {"LD_PRELOAD": module} if module else {})
             for program, module in runs.values()]
    done = measure.in_turns(ROUNDS, words)
    rows = []
    for (name, (program, module)), (command, environment), took in zip(runs.items(), words, done):
        rows.append((name, libraries(program, module), *relocations(command, environment),
                     int(measure.median(took, "pages")), *(f"{each:.2f}" for each in ratio(took, done[0]))))
    return measure.table(("program", "libraries", "symbols", "relative", "pages", "clock", "processor"), rows)


def main():
    """(what was found, what is wrong with it)"""
    build = measure.build_folder()
    match, faults = plug(build)
    return (f"## What everybody pays\n\n"
            f"Times in multiples of /bin/true's, in turns, {ROUNDS} runs of each: the median by the clock, the\n"
            f"fastest on the processor. Pages are those given to the process (minor faults). The goal is {GOAL}\n"
            f"for a device that nobody wants.\n\n{match}\n"
            f"## Start-up\n\n"
            f"Of --version: libraries loaded, relocations by symbol and relative ones until main, and the rest\n"
            f"as above. The modules are loaded when a rule or a guest needs them; here into /bin/true.\n\n"
            f"{programs(build)}", faults)


if __name__ == "__main__":
    sys.exit(measure.finish(*main()))
