# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever breaks, and whenever: in the end what is plugged in and wanted is attached, once, and nothing is left over.

Each test breaks something at a chosen moment and then waits for faults.right().
"""
import time

import look
import pytest

from faults import (ATTACH_FAILED, DETACH_FAILED, LEFT_BEHIND, LIBVIRTD, LIBVIRTD_START, RECORDED, STARTS, TAKEN, agreed,
                    beside, calm, quiet, right, scene, watcher_pid)
from story import MOUSE, configure, enable, messages, ready

pytestmark = pytest.mark.fault
WATCHER = "usb-hotplug-guest@win10.service"
RULE = f'[[usb]]\nid = "{MOUSE}"\n'
GUEST_PID = "/run/libvirt/qemu/win10.pid"


def start_again(host):
    """The guest is started as soon as libvirt has seen that it is gone."""
    host.wait(lambda: not look.running(host, "win10"), what="libvirt to see it")
    host.must("virsh -q start win10")


# -- the hypervisor ----------------------------------------------------------------------------------


def test_libvirtd_is_away_while_a_device_is_plugged_in(host):
    ready(host, "win10", RULE)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})
    host.must(f"systemctl stop {LIBVIRTD}")
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    host.must("sleep 10")
    host.must(LIBVIRTD_START)
    right(host, {"win10": [mouse, tablet]})


@pytest.mark.parametrize("how", ["restart", "away"])
@pytest.mark.parametrize("moment", [STARTS, RECORDED, TAKEN], ids=["starts", "recorded", "taken"])
def test_libvirtd_ends_during_an_attach(host, moment, how):
    ready(host, "win10", RULE)
    ends = {"restart": "systemctl restart libvirtd.service",
            "away": f"systemctl stop {LIBVIRTD}; sleep 10; {LIBVIRTD_START}"}
    with beside(host, f"{moment}\n{ends[how]}"):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})


@pytest.mark.parametrize("moment", [STARTS, RECORDED, TAKEN], ids=["starts", "recorded", "taken"])
def test_guest_is_killed_during_an_attach(host, moment):
    ready(host, "win10", RULE)
    with beside(host, f"read -r guest <{GUEST_PID}\n{moment}\nkill -KILL $guest"):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
    start_again(host)
    right(host, {"win10": [mouse]})


def test_guest_that_does_not_let_go(host):
    """Its QEMU stands still, so that nothing is confirmed."""
    ready(host, "win10", RULE)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})
    since = host.now()
    host.must(f"kill -STOP $(cat {GUEST_PID})")
    try:
        started = time.monotonic()
        host.run(f"systemctl stop {mouse.unit}", 300)
        took = time.monotonic() - started
        found = messages(host, mouse, since, MESSAGE_ID=DETACH_FAILED)
    finally:
        host.must(f"kill -CONT $(cat {GUEST_PID})")
    assert found, "nothing was said"
    for message in found:
        assert message["USB_HOTPLUG_GUEST"] == "win10"
        assert message["MESSAGE"].startswith(("win10 has not answered for ", "win10 does not let go of 0627:0001"))
        assert mouse.unit in message["MESSAGE"], "what to do"
    assert took < 100

    # What was asked for comes late or not at all, but wholly; what is asked for next comes at once.
    print(agreed(host, mouse), "has it")
    host.must(f"systemctl stop {mouse.unit}; systemctl start {mouse.unit}")
    right(host, {"win10": [mouse]})
    host.must(f"systemctl stop {mouse.unit}; systemctl start {mouse.unit}")
    right(host, {"win10": [mouse]})


# -- the hardware ------------------------------------------------------------------------------------


def test_replugged_within_a_tenth_of_a_second(host):
    ready(host, "win10", RULE)
    host.plug("usb-mouse", "mouse", port=3)
    gaps = []
    for turn in range(50):
        time.sleep((0, 0.2, 0.5, 1.2, 2.5)[turn % 5])
        since = time.monotonic()
        host.unplug("mouse")
        host.plug("usb-mouse", "mouse", port=3)
        gaps.append(time.monotonic() - since)
    assert sorted(gaps)[len(gaps) // 2] < 0.1, gaps
    mouse, = calm(host)
    right(host, {"win10": [mouse]})


def test_hub_with_eight_devices_until_numbers_come_again(host):
    """Device numbers go up to 127 and then begin again; a round uses nine."""
    ready(host, "win10", RULE)
    numbers, wrapped, rounds = [0], False, 0
    while rounds < 10 or not wrapped or rounds % 4 != 1:
        whole = rounds % 12 == 0        # others are pulled at some moment of their arrival
        host.plug("usb-hub", "hub", port=3)
        for port in range(1, 9):
            host.plug("usb-mouse", f"mouse{port}", port=f"3.{port}")
        if whole:
            eight_of_the_hub(host)
        else:
            time.sleep(1.5 + rounds % 4)
        # Only numbers: other attributes have to wait for a device that is on its way.
        numbers.append(max(map(int, host.must("cat /sys/bus/usb/devices/1-3*/devnum 2>/dev/null || true").split()),
                           default=numbers[-1]))
        wrapped = wrapped or numbers[-1] < numbers[-2]
        host.unplug("hub")
        host.wait("[ ! -e /sys/bus/usb/devices/1-3 ]", 60, "the kernel to see that the hub is gone")
        rounds += 1
        if rounds % 4 == 0:     # Nobody pulls it for minutes on end, and the next whole round must be able to come.
            host.wait(lambda: quiet(host), 300, "everything queued for the hub to be done")
        assert rounds < 60, f"the numbers do not come again: {numbers}"
    host.plug("usb-hub", "hub", port=3)
    for port in range(1, 9):
        host.plug("usb-mouse", f"mouse{port}", port=f"3.{port}")
    eight_of_the_hub(host)


def eight_of_the_hub(host):
    mice = [look.device(host, f"3.{port}") for port in range(1, 9)]
    right(host, {"win10": mice}, 180)


# -- ourselves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [STARTS, RECORDED], ids=["starts", "recorded"])
def test_watcher_is_killed_during_an_attach(host, moment):
    ready(host, "win10", RULE)
    pid = watcher_pid(host)
    with beside(host, f"{moment}\nkill -KILL {pid}"):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})
    assert watcher_pid(host) != pid


@pytest.mark.parametrize("moment", [STARTS, RECORDED, TAKEN], ids=["starts", "recorded", "taken"])
def test_worker_is_killed_during_an_attach(host, moment):
    ready(host, "win10", RULE)
    early = "! record" if moment == STARTS else ":"
    with beside(host, f"{moment}\nkill -KILL $pid && {early}"):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})


def test_stopped_as_soon_as_it_starts(host):
    """Also while the worker's libraries are loaded, when it cannot put SIGTERM off yet."""
    ready(host, "win10", RULE)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})
    for delay in (0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2):
        host.must(f"systemctl stop {mouse.unit}; systemctl start --no-block {mouse.unit}; sleep {delay}; "
                  f"systemctl stop {mouse.unit}")
        assert look.unit(host, mouse.instance)["ActiveState"] == "inactive", delay
        right(host, {"win10": []})
    host.must(f"systemctl start {mouse.unit}")
    right(host, {"win10": [mouse]})


# ExecStopPost= follows a stop that failed; both killed is all that a crash can do.
ONCE = "until_true worker detach; {wait}; kill -KILL $pid"
TWICE = ONCE + "; killed=$pid; until worker detach && [ $pid != $killed ]; do :; done; kill -KILL $pid"


@pytest.mark.parametrize("script", [
    ONCE.format(wait=":"), TWICE.format(wait=":"), ONCE.format(wait="until_true with_host 1-3"),
], ids=["before", "before-twice", "after"])
def test_worker_is_killed_during_a_stop(host, script):
    """Before the guest has let go, or when the driver is back already."""
    ready(host, "win10", RULE)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})
    with beside(host, script):
        host.run(f"systemctl stop {mouse.unit}")
    print(agreed(host, mouse), "has it")

    host.unplug("mouse")
    look.gone(host, mouse)
    right(host, {"win10": []})
    right(host, {"win10": [look.plug(host, "usb-mouse", "mouse", 3)]})


# -- the system --------------------------------------------------------------------------------------


FILL = """mount -o remount,size=$(( $(df --output=used -k /run | tail -n 1) + 512 ))k /run
dd if=/dev/zero of=/run/filler bs=4k status=none; df /run; ! echo word >/run/filler-of-a-word"""
EMPTY = "rm -f /run/filler /run/filler-of-a-word; mount -o remount,size=20% /run"


def test_no_space_for_the_record(host):
    """/run is full when a guest comes that wants a device."""
    configure(host, "win10", RULE)
    look.start_guest(host, "win10")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    # Enabled before: that makes systemd write in /run, too.
    host.must("systemctl -q enable usb-hotplug@win10.target; udevadm settle; sleep 2")
    since = host.now()
    host.must(FILL)
    try:
        host.must("systemctl start usb-hotplug@win10.target")
        host.wait(lambda: messages(host, mouse, since, MESSAGE_ID=ATTACH_FAILED), what="the failure to be said")
        for message in messages(host, mouse, since, MESSAGE_ID=ATTACH_FAILED):
            assert "/run/usb-hotplug/attached/" in message["MESSAGE"]
            assert "No space left on device" in message["MESSAGE"]
        assert scene(host).aliases["win10"] == []
    finally:
        host.must(EMPTY)
    right(host, {"win10": [mouse]})


def test_plugged_in_while_there_is_no_space(host):
    """udev cannot note the device either, so that systemd does not know of it."""
    ready(host, "win10", RULE)
    host.must(f"udevadm settle; {FILL}")
    try:
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        host.must("udevadm settle; sleep 5")
    finally:
        host.must(EMPTY)
    right(host, {"win10": [mouse]})


def test_dbus_ends(host):
    ready(host, "win10", RULE)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})
    before = look.unit(host, "dbus.service")["MainPID"]
    # Some systems refuse to restart it; it can still fall.
    host.must("systemctl restart dbus.service || systemctl kill -s KILL dbus.service")
    host.wait(lambda: look.unit(host, "dbus.service")["MainPID"] not in ("0", before), what="dbus again")
    right(host, {"win10": [mouse]})
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    right(host, {"win10": [mouse, tablet]})
    look.destroy_guest(host, "win10")
    host.wait(lambda: scene(host).units == {}, what="the guest's end to be noticed")
    look.start_guest(host, "win10")
    right(host, {"win10": [mouse, tablet]})


def test_dbus_ends_during_an_attach(host):
    ready(host, "win10", RULE)
    with beside(host, f"{STARTS}\nsystemctl restart dbus.service || systemctl kill -s KILL dbus.service"):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})


@pytest.mark.parametrize("moment", [STARTS, RECORDED, TAKEN], ids=["starts", "recorded", "taken"])
def test_systemd_starts_itself_anew_during_an_attach(host, moment):
    ready(host, "win10", RULE)
    with beside(host, f"{moment}\nsystemctl daemon-reexec"):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
    right(host, {"win10": [mouse]})


# -- others ------------------------------------------------------------------------------------------


def test_two_guests_start_at_once_and_want_the_same(host):
    ready(host, "win10", RULE, running=False)
    ready(host, "linux", f"[guest]\npriority = 5\n{RULE}", running=False)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.must("virsh -q start win10 & virsh -q start linux & wait %1 && wait %2")
    host.wait(lambda: scene(host).units == {mouse.unit: "active"}, what="one of them to have it")
    owner = next(guest for guest, aliases in scene(host).aliases.items() if aliases)
    other = ({"win10", "linux"} - {owner}).pop()
    right(host, {owner: [mouse], other: []})
    # Both are there now: what comes next goes to the first in line.
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    right(host, {"win10": [mouse] if owner == "win10" else [],
                 "linux": [tablet] + ([mouse] if owner == "linux" else [])})
    look.destroy_guest(host, "linux")
    right(host, {"win10": [mouse, tablet]})


def hostdev(device, alias=""):
    return f"""<hostdev mode="subsystem" type="usb"><source><vendor id="0x{device.id[:4]}"/>
<product id="0x{device.id[5:]}"/><address bus="{device.bus}" device="{device.device}"/></source>{alias}</hostdev>"""


def test_alias_of_ours_that_nobody_is_behind_is_taken_out(host):
    ready(host, "win10", '[[usb]]\nport = "1-3"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    right(host, {"win10": [mouse]})
    since = host.now()
    host.write("/run/stray.xml", hostdev(tablet, f'<alias name="{tablet.alias}"/>'))
    host.must("virsh -q attach-device win10 /run/stray.xml --live")
    host.must(f"systemctl restart {WATCHER}")
    right(host, {"win10": [mouse]})
    host.wait(lambda: look.driver_of(host, tablet.port) == "usbhid", 10, "the tablet's driver")
    said = [m["MESSAGE"] for m in messages(host, None, since, MESSAGE_ID=LEFT_BEHIND, USB_HOTPLUG_GUEST="win10")]
    assert said == [f"Took {tablet.alias} out of win10: no unit was behind it"]


def test_device_that_the_guest_has_by_other_means(host):
    # Configured when it is plugged in, so that systemd keeps the unit, and with it what it said, in memory.
    configure(host, "win10", RULE)
    look.start_guest(host, "win10")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.wait(lambda: look.unit(host, mouse.instance)["Result"] == "exec-condition", what="the unit to be skipped")
    host.write("/run/foreign.xml", hostdev(mouse))
    host.must("virsh -q attach-device win10 /run/foreign.xml --live")
    foreign = [entry["alias"] for entry in look.hostdevs(host, "win10")]
    assert len(foreign) == 1
    enable(host, "win10")
    host.wait(lambda: look.unit(host, mouse.instance)["StatusText"].startswith("win10 already has "),
              what="the unit to say so")
    host.wait(lambda: look.unit(host, mouse.instance)["ActiveState"] == "inactive", 30, "the unit to be skipped again")
    state = look.unit(host, mouse.instance)
    assert "not from usb-hotplug; detach it there" in state["StatusText"]
    right(host, {"win10": []}, foreign=foreign)
    host.must("virsh -q detach-device win10 /run/foreign.xml --live")
    right(host, {"win10": [mouse]})
