#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How times grow with the number of rules, of guests and of plugged devices.

    growth.py [BUILD_FOLDER]

Of usb-hotplug-match, in multiples of /bin/true, and of the decision by itself (bench-decide), in
multiples of deciding about one device with one rule. All is time of the fastest run, programs'
on the processor: so whatever else the machine does hardly shows. No rule holds, so that all are
tried. The slope is the power of the number that the time grows with, from the third size to the
last and without what the smallest one takes: 1 is linear. Fails when it is more than LIMIT. Adds
the ratios of usb-hotplug-match to figures.txt in the build folder, which tests/run prints.
"""
import math
import subprocess
import sys

import measure

ROUNDS = 21
TURNS, DECISIONS = 5, 60
RULES = (1, 10, 100, 1_000, 10_000)
GUESTS = (1, 2, 10, 25, 50)
DEVICES = (1, 2, 30, 60, 120)
EACH = 20     # rules a guest, where the number of guests grows
LIMIT = math.log10(20)     # ten times the number, twenty times the time


def slope(sizes, times):
    """From the third size to the last, over the smallest, which is as good as empty."""
    long, short = times[-1] - times[0], times[2] - times[0]
    return math.log(long / short) / math.log(sizes[-1] / sizes[2])


def match_times(build, folder):
    """{(guests, rules): multiple of /bin/true}"""
    sizes = {(guests, rules) for rules in RULES for guests in (GUESTS[0], GUESTS[-1])}
    sizes |= {(guests, guests * EACH) for guests in GUESTS}
    roots = {(guests, rules): measure.configure(f"{folder}/{guests}-{rules}", guests, rules)
             for guests, rules in sorted(sizes)}
    program = [measure.match_of(build)]
    runs = [([measure.TRUE], {})] + [(program, measure.at(root)) for root in roots.values()]
    base, *done = [measure.fastest(took) for took in measure.in_turns(ROUNDS, runs)]
    return {size: took / base for size, took in zip(roots, done)}


def decide_times(build, folder, sizes):
    """{(guests, rules, devices): {"decide", "twins": nanoseconds}}, in turns."""
    roots = {(guests, rules): measure.configure(f"{folder}/decide-{guests}-{rules}", guests, rules)
             for guests, rules in {size[:2] for size in sizes}}
    times = {size: {} for size in sizes}
    for _ in range(TURNS):
        for size, best in times.items():
            command = [build / "tests/bench/bench-decide", f"{roots[size[:2]]}/etc/usb-hotplug", str(size[2]),
                       str(DECISIONS)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for what, number in (line.split() for line in said.splitlines()):
                best[what] = min(int(number), best.get(what, math.inf))
    return times


def series(build, folder):
    """Every growth as (what, sizes, ratios)."""
    match = match_times(build, folder)
    few, many = GUESTS[0], GUESTS[-1]
    yield "usb-hotplug-match, rules of 1 guest", RULES, [match[few, n] for n in RULES]
    yield f"usb-hotplug-match, rules of {many} guests", RULES, [match[many, n] for n in RULES]
    yield f"usb-hotplug-match, guests of {EACH} rules", GUESTS, [match[n, n * EACH] for n in GUESTS]
    rules = [(1, n, 1) for n in RULES]
    guests = [(n, n * EACH, 1) for n in GUESTS]
    devices = [(3, EACH, n) for n in DEVICES]
    times = decide_times(build, folder, rules + guests + devices)
    one = times[1, 1, 1]["decide"]
    yield "decision, rules of 1 guest", RULES, [times[size]["decide"] / one for size in rules]
    yield f"decision, guests of {EACH} rules", GUESTS, [times[size]["decide"] / one for size in guests]
    yield f"decision about all devices, {EACH} rules", DEVICES, [times[size]["decide"] / one for size in devices]
    yield f"looking for twins, {EACH} rules", DEVICES, [times[size]["twins"] / one for size in devices]


def note(build, sizes, ratios, what):
    """As tests/run prints it among the other figures."""
    with open(build / "figures.txt", "a", encoding="utf-8") as lines:
        growth = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        lines.write(f"{what}, {', '.join(map(str, sizes))}: {growth} times as long as /bin/true "
                    f"(fastest of {ROUNDS} runs)\n")


def main():
    """(what was found, what is wrong with it)"""
    build = measure.build_folder()
    text, faults = "", []
    with measure.folder() as folder:
        for what, sizes, ratios in series(build, folder):
            steep = slope(sizes, ratios)
            times = [f"{each:.1f}" for each in ratios]
            text += f"\n{what}:\n\n" + measure.table(
                ("number", *map(str, sizes), "slope"), [("time", *times, f"{steep:.2f}")])
            if what.startswith("usb-hotplug-match"):
                note(build, sizes, ratios, what)
            if steep > LIMIT:
                faults.append(f"{what}: time grows with the {steep:.2f}th power, more than linearly")
    return (f"## Growth\n\nOf usb-hotplug-match in multiples of /bin/true's time on the processor, the fastest of\n"
            f"{ROUNDS} runs in turns; of the decision in multiples of that about one device with one rule, the\n"
            f"fastest of {TURNS * DECISIONS}. A slope of 1 is linear growth; it is that from the third number to\n"
            f"the last, over the first.\n{text}", faults)


if __name__ == "__main__":
    sys.exit(measure.finish(*main()))
