#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures all that needs no booted machine and writes RESULTS.md beside this file.

    results.py [BUILD_FOLDER]

Every figure in it is a count, or a ratio of times of the same run.
"""
import pathlib
import platform
import subprocess
import sys

import growth
import instructions
import measure
import startup

RESULTS = pathlib.Path(__file__).with_name("RESULTS.md")
HEAD = """\
<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->
# What it costs

Written by tests/bench/results.py: every figure is a count, or a ratio of times of the same run. Made on
{system} with {compiler}.

"""
MACHINE = """
## On a booted machine

Not measured by this command: latency from plug to guest, memory of the watchers, many devices at once.
"""


def main():
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    compiler = subprocess.run(["g++", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
    parts = [part.main() for part in (startup, growth, instructions)]
    text = HEAD.format(system=system, compiler=compiler) + "\n".join(section for section, _ in parts) + MACHINE
    RESULTS.write_text(text)
    return text, [fault for _, faults in parts for fault in faults]


if __name__ == "__main__":
    sys.exit(measure.finish(*main()))
