# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugging and unplugging for a long time leaves nothing behind. Only with -m soak; --cycles says how often."""
import dataclasses
import random
import time

import look
import pytest

from faults import calm, open_files, private_memory, right, watcher_pid
from story import ready

WARM_UP = 20        # cycles after which caches are full
DRIVERS = {"usb-mouse": 3, "usb-kbd": 4, "usb-tablet": 5, "usb-serial": 6}


@dataclasses.dataclass
class Left:
    """What there is while nothing is plugged in."""
    our_units: int      # loaded ones
    all_units: int      # of the whole machine
    records: int
    files: int          # in /run/usb-hotplug
    watcher_files: int  # open ones
    watcher_memory: int     # private, KiB
    systemd_memory: int


def left(host):
    pid = watcher_pid(host)
    return Left(
        int(host.must("systemctl list-units --all --plain --no-legend 'usb-hotplug@dev-*' | wc -l")),
        int(host.must("systemctl list-units --all --plain --no-legend | wc -l")),
        int(host.must("ls /run/usb-hotplug/attached | wc -l")),
        int(host.must("find /run/usb-hotplug -type f | wc -l")),
        open_files(host, pid), private_memory(host, pid), private_memory(host, 1))


def cycle(host, dice):
    """Two steps, each pulls a device out or plugs it in; sometimes the guest is turned off and on."""
    for _ in range(2):
        driver = dice.choice(sorted(DRIVERS))
        if driver in host.plugged():
            host.unplug(driver)
        else:
            host.plug(driver, driver, port=DRIVERS[driver])
        time.sleep(dice.choice((0, 0.1, 0.3, 1, 3)))
    if dice.random() < 1 / 25:
        look.destroy_guest(host, "win10")
        time.sleep(dice.choice((0, 0.5, 2)))
        look.start_guest(host, "win10")


def pulled_out(host):
    """Everything is, and what that leaves."""
    host.unplug_all()
    assert calm(host) == []
    right(host, {"win10": []}, 180)
    return left(host)


@pytest.mark.soak
def test_plugging_for_a_long_time(host, request, figure):
    cycles = request.config.getoption("--cycles")
    ready(host, "win10", "[[usb]]\nall = true\n")
    dice = random.Random(20)
    for _ in range(WARM_UP):
        cycle(host, dice)
    before, watcher = pulled_out(host), watcher_pid(host)

    started = time.monotonic()
    for number in range(cycles):
        cycle(host, dice)
        if number % 100 == 99:
            right(host, {"win10": calm(host)}, 180)
    right(host, {"win10": calm(host)}, 180)
    took = time.monotonic() - started
    after = pulled_out(host)
    figure("soak", f"{cycles} cycles in {took:.0f} s")
    figure("soak, before", before)
    figure("soak, after", after)

    assert watcher_pid(host) == watcher, "the watcher was restarted"
    assert after.our_units <= before.our_units
    assert after.records == before.records == 0
    assert after.files <= before.files + 2 * len(DRIVERS)
    assert after.watcher_files <= before.watcher_files + 1
    assert after.watcher_memory <= before.watcher_memory * 1.2 + 256
    assert abs(after.all_units - before.all_units) <= 5
