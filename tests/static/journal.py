# SPDX-License-Identifier: LGPL-2.1-or-later
"""usb-hotplugctl log and monitor, with a journal of their own: systemd-journald is run in a
namespace, where nobody else writes."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from support import Check, program, read, temporary_folder, tool

IDS = dict(re.findall(r'(\w+) = "(\w{32})";', read("src/base/log.h")))
INSIDE = r"""
mount -t tmpfs none /run
mkdir -p /run/systemd/journal /run/udev
{journald} 2>/run/journald.log &
until [ -S /run/systemd/journal/socket ]; do sleep 0.1; done
{ctl} monitor --json >{folder}/monitor 2>/run/watching & monitor=$!
until grep -q Watching /run/watching; do kill -0 $monitor || exit 1; sleep 0.1; done
{ctl} monitor 2>/dev/null | head -n 1 >{folder}/first & reader=$!
sleep 1
for message in {folder}/message-*; do logger --journald=$message; done
until [ "$(grep -c attached {folder}/monitor)" = 2 ]; do kill -0 $monitor || exit 1; sleep 0.1; done
kill $monitor
wait $monitor; echo $? >{folder}/monitor.status
wait $reader; echo $? >{folder}/first.status
for what in 1-2 1-3 1-7 046D:C077 /dev/bus/usb/001/003 usb-hotplug@dev-bus-usb-001-003 win10 work ''; do
    {ctl} log $what --json >"{folder}/log-$(echo $what | tr / _)" 2>&1
done
{ctl} log win10 --lines 1 >{folder}/text
"""


def message(kind, text, number, port, *guests):
    return (f"MESSAGE={text}\nMESSAGE_ID={IDS[kind]}\nUSB_HOTPLUG_DEVICE=/dev/bus/usb/001/00{number}\n"
            f"USB_HOTPLUG_PORT={port}\nUSB_HOTPLUG_ID=046d:c07{port[-1]}\n"
            + "".join(f"USB_HOTPLUG_GUEST={guest}\n" for guest in guests))


class Journal(Check):
    @classmethod
    def setUpClass(cls):
        cls.folder = temporary_folder(cls.addClassCleanup)
        for number, text in enumerate((
                message("waiting", "one waits", 3, "1-7", "win10", "work"),
                message("attached", "win10 has it", 3, "1-7", "win10"),
                message("attached", "work has it", 4, "1-3", "work"))):
            (cls.folder / f"message-{number}").write_text(text)
        journald = next(path for path in map(pathlib.Path, (
            "/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald")) if path.exists())
        script = (INSIDE.replace("{journald}", str(journald)).replace("{folder}", str(cls.folder))
                  .replace("{ctl}", str(program("usb-hotplugctl"))))
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        done = subprocess.run(
            [tool("unshare"), *as_root, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
             tool("bash"), "-uc", script], env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=100)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)

    def said(self, name):
        return (self.folder / name).read_text()

    def events(self, name):
        return [json.loads(line) for line in self.said(name).splitlines()]

    def test_monitor_shows_each_message_as_it_comes(self):
        self.assertEqual([(event["event"], event["text"]) for event in self.events("monitor")],
                         [("waiting", "one waits"), ("attached", "win10 has it"),
                          ("attached", "work has it")])

    def test_monitor_ends_when_asked_to(self):
        self.assertEqual(self.said("monitor.status"), "0\n")

    def test_monitor_ends_when_nobody_reads_any_more(self):
        self.assertEqual(self.said("first.status"), "0\n")
        self.assertRegex(self.said("first"), r"^\d\d:\d\d:\d\d\.\d{3} waiting   one waits\n$")

    def test_log_finds_a_device_by_any_name(self):
        for what in ("1-7", "046D:C077", "_dev_bus_usb_001_003", "usb-hotplug@dev-bus-usb-001-003"):
            self.assertEqual([event["event"] for event in self.events(f"log-{what}")],
                             ["waiting", "attached"], what)

    def test_log_finds_a_guest(self):
        self.assertEqual([(event["guest"], event["text"]) for event in self.events("log-work")],
                         [("work", "one waits"), ("work", "work has it")])
        self.assertEqual([event["guest"] for event in self.events("log-win10")], ["win10"] * 2)

    def test_log_of_all(self):
        self.assertEqual(len(self.events("log-")), 3)

    def test_log_of_nothing_is_no_failure(self):
        self.assertIn("no message", self.said("log-1-2"))

    def test_an_event_has_what_the_message_had(self):
        event = self.events("log-1-3")[0]
        self.assertRegex(event.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertEqual(event, {
            "version": 1, "event": "attached", "port": "1-3", "node": "/dev/bus/usb/001/004",
            "id": "046d:c073", "guest": "work", "text": "work has it", "took_us": None})

    def test_lines_for_people(self):
        self.assertRegex(self.said("text"), r"^\w{3} \d\d \d\d:\d\d:\d\d attached  win10 has it\n$")


if __name__ == "__main__":
    unittest.main()
