# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks share: configurations, programs run in turns, and tables."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

TRUE = "/bin/true"
# At a place that no machine has in its /sys.
DEVICE = {
    "SUBSYSTEM": "usb", "DEVTYPE": "usb_device", "BUSNUM": "001", "DEVNUM": "005",
    "DEVPATH": "/devices/pci0/usb1/1-4/1-4.2", "PRODUCT": "46d/c077/7200",
    "TYPE": "0/0/0", "ID_USB_INTERFACES": ":030102:", "ID_VENDOR_ENC": "Logitech",
    "ID_MODEL_ENC": "USB\\x20Optical\\x20Mouse", "ID_SERIAL_SHORT": "4C53", "TAGS": ":systemd:",
    "ID_PATH": "pci-0-usb-0:4.2",
}
HUB = {**DEVICE, "TYPE": "9/0/2", "ID_USB_INTERFACES": ":090000:"}
# One after the other, so that every size has a bit of everything. None holds for the device.
CONDITIONS = (
    'id = "{0:04x}:{0:04x}"', 'id = ["{0:04x}:*", "*:{0:04x}"]', 'port = "7-1.{1}.*"',
    'product = "*device {0}*"', 'interface = {{ class = "video", protocol = {1} }}',
    'interface = {{ none = [{{ class = "hid" }}, {{ class = {1} }}] }}', 'tag = "tag{0}"',
    'serial = "SERIAL{0}"', 'property = {{ ID_PATH = "pci-{0}*" }}', 'bus = {2}',
)
WANTED = 'id = "046d:c077"'
BROKEN = 'id = "046d:c077'
REGEX = 'product = { regex = "another (mouse|keyboard)" }'


def configure(root, guests, rules, last=None):
    """Spreads the rules over the guests' files; a guest without a rule of its own has none. The
    last rule, which is the last guest's, has the condition `last` if there is one. Returns root."""
    folder = pathlib.Path(root) / "etc/usb-hotplug"
    folder.mkdir(parents=True)
    texts = [[] for _ in range(guests)]
    for i in range(rules):
        condition = CONDITIONS[i % len(CONDITIONS)].format(i % 0x4000, i % 200 + 1, i % 900 + 2)
        if last is not None and i == rules - 1:
            condition = last
        texts[i % guests].append(f'[[usb]]\ndescription = "Rule {i}"\n{condition}\n')
    for number, text in enumerate(texts):
        (folder / f"guest{number}.toml").write_text("\n".join(text))
    return root


def install_regex(root, build):
    """The module for regular expressions, where a program with this root looks for it first."""
    where = re.search(r'REGEX_MODULE "/([^"]+)"', (build / "src/paths.h").read_text())[1]
    module = pathlib.Path(root) / where
    module.parent.mkdir(parents=True)
    module.symlink_to(build / "src/usb-hotplug-regex.so")


def folder():
    """A temporary one, for "with"."""
    return tempfile.TemporaryDirectory(prefix="usb-hotplug-bench-")


def build_folder():
    """The first argument. Only what is built as users get it is worth measuring."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    build = pathlib.Path(words[0] if words else "build").resolve()
    said = json.loads(subprocess.run(["meson", "introspect", "--buildoptions", build],
                                     check=True, capture_output=True, text=True).stdout)
    options = {each["name"]: each["value"] for each in said}
    if options["buildtype"] != "release" or options["b_sanitize"] != "none":
        sys.exit(f"{build} is not a release build; meson setup {build} --buildtype=release")
    return build


def match_of(build):
    return str(build / "src/usb-hotplug-match")


def at(root, device=None):
    """The environment of usb-hotplug-match for the device, with the configuration below root."""
    return {**(device or DEVICE), "USB_HOTPLUG_ROOT": str(root)}


class Run:
    """One run of a program: how long by the clock and on the processor, in seconds, and how many
    pages it was given."""

    def __init__(self, command, environment):
        quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        start = time.perf_counter()
        child = os.posix_spawnp(command[0], command, environment, file_actions=quiet)
        _, status, used = os.wait4(child, 0)
        self.wall = time.perf_counter() - start
        self.processor = used.ru_utime + used.ru_stime
        self.pages = used.ru_minflt
        if status != 0:
            sys.exit(f"{' '.join(command)} failed with {environment}")


def in_turns(rounds, runs):
    """Runs each (command, environment) once a round, so that whatever else the machine does concerns
    all, and every other round backwards, so that nobody always comes after the same one. Returns
    the runs of each."""
    done = [[] for _ in runs]
    for number in range(rounds):
        order = list(enumerate(runs))
        for which, (command, environment) in order[::-1] if number % 2 else order:
            done[which].append(Run(command, environment))
    return done


def median(runs, what="wall"):
    return statistics.median(getattr(run, what) for run in runs)


def fastest(runs, what="processor"):
    return min(getattr(run, what) for run in runs)


def table(head, rows):
    """Lines of Markdown that read well as they are, too; all columns but the first are numbers."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.rjust(width) if i else cell.ljust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))) + " |" for row in cells]
    rule = "|" + "|".join("-" * (width + 1) + ("-" if i == 0 else ":") for i, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def finish(text, faults):
    """Prints what was found; the exit status says whether that is as it should be."""
    print(text)
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0
