# SPDX-License-Identifier: LGPL-2.1-or-later
"""From guest to guest, and back for a while: the next in line, stay, pause and resume, sleep."""
import look
import pytest

from story import MOUSE, configure, enable, guest_has, host_has, ready

CTL = "usb-hotplugctl"


def two_guests(host, first=""):
    """win10 and linux both want the mouse and run; win10 is first in line."""
    ready(host, "linux", f'[[usb]]\nid = "{MOUSE}"\n')
    ready(host, "win10", f'[guest]\npriority = 5\n{first}[[usb]]\nid = "{MOUSE}"\n')


def test_a_device_goes_on_to_the_next_guest_that_is_running(host):
    two_guests(host)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    look.destroy_guest(host, "win10")
    host.wait(lambda: mouse.instance in look.attached(host, "linux"), what="the next guest")
    guest_has(host, "linux", mouse)
    look.start_guest(host, "win10")
    host.holds(lambda: mouse.instance in look.attached(host, "linux"), 4, "what a guest has it keeps")
    assert look.failed_units(host) == []


@pytest.mark.thorough
def test_a_guest_whose_devices_stay(host):
    two_guests(host, "stay = true\n")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    look.destroy_guest(host, "win10")
    host_has(host, mouse)
    host.must(f"udevadm trigger; udevadm settle; systemctl start {mouse.unit}")
    host.holds(lambda: look.attached(host, "linux") == {}, 4, "with the host")
    assert "waiting for win10, which is off" in host.must(f"{CTL} list")
    assert "it is kept for the guest that had it" in host.must(f"{CTL} explain {mouse.port}")
    look.start_guest(host, "win10")
    guest_has(host, "win10", mouse)
    # What its user says counts, and so does that the guest is no longer enabled.
    look.destroy_guest(host, "win10")
    host_has(host, mouse)
    host.must("systemctl -q disable --now usb-hotplug@win10.target")
    host.must(f"systemctl start {mouse.unit}")
    guest_has(host, "linux", mouse)


def test_attach_moves_in_one_step(host):
    two_guests(host)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"{CTL} attach {mouse.port} linux")
    guest_has(host, "linux", mouse, timeout=0)
    assert look.attached(host, "win10") == {}


def test_pause_and_resume(host):
    two_guests(host)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    stopped = look.plug(host, "usb-tablet", "stopped", 4)
    moved = look.plug(host, "usb-kbd", "moved", 5)
    for device in (mouse, stopped, moved):
        guest_has(host, "win10", device)
    host.must(f"systemctl stop {stopped.unit}; {CTL} attach {moved.port} linux")

    assert "win10 is paused and gave 1 device back" in host.must(f"{CTL} pause win10")
    # True when the command ends, and no other guest gets it.
    host_has(host, mouse, timeout=0)
    new = look.plug(host, "usb-mouse", "new", 6)
    host.must("udevadm trigger; udevadm settle; systemctl restart usb-hotplug-guest@win10")
    host.holds(lambda: look.attached(host, "win10") == {}, 4, "nothing while it is paused")
    assert look.attached(host, "linux").keys() == {moved.instance}
    assert "waiting for win10, which is paused" in host.must(f"{CTL} list")
    assert "is paused" in look.unit(host, "usb-hotplug-guest@win10.service")["StatusText"]
    host_has(host, new)

    host.must(f"{CTL} resume win10")
    for device in (mouse, new):
        guest_has(host, "win10", device, timeout=0)
    assert look.attached(host, "win10").keys() == {mouse.instance, new.instance}
    assert look.attached(host, "linux").keys() == {moved.instance}
    host_has(host, stopped)
    assert host.must(f"{CTL} resume win10") == "win10 is not paused\n"
    assert "is running" in look.unit(host, "usb-hotplug-guest@win10.service")["StatusText"]


@pytest.mark.thorough
def test_a_pause_ends_with_the_target(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"{CTL} pause win10; systemctl -q disable --now usb-hotplug@win10.target")
    enable(host, "win10")
    guest_has(host, "win10", mouse)


# In place of the kernel's sleep, from which this emulated machine does not come back: how things are then.
ASLEEP = """[Service]
ExecStart=
ExecStart=/bin/sh -c 'ls /run/usb-hotplug/attached; readlink /sys/bus/usb/devices/1-3:1.0/driver; sleep 2'
StandardOutput=truncate:/run/asleep
"""

def test_sleep_and_wake(host):
    two_guests(host)
    configure(host, "linux", '[[usb]]\nport = "1-5"\n')
    host.must("systemctl reload usb-hotplug-guest@linux")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    released = look.plug(host, "usb-tablet", "released", 4)
    other = look.plug(host, "usb-kbd", "other", 5)
    for device in (mouse, released):
        guest_has(host, "win10", device)
    host.must(f"{CTL} attach {other.port} linux; systemctl stop {released.unit}")
    since = host.now()
    host.write("/run/systemd/system/systemd-suspend.service.d/test.conf", ASLEEP)
    try:
        host.must("systemctl daemon-reload; systemctl start suspend.target")
        host.wait("systemctl show -p ActiveState usb-hotplug-sleep.service | grep inactive", 120)
    finally:
        host.must("rm -r /run/systemd/system/systemd-suspend.service.d; systemctl daemon-reload")
    # Asleep, the host had everything.
    assert [line.rsplit("/", 1)[-1] for line in host.must("cat /run/asleep").splitlines()] == ["usbhid"]
    guest_has(host, "win10", mouse, timeout=0)
    guest_has(host, "linux", other, timeout=0)
    host_has(host, released)
    said = [m["MESSAGE"] for m in host.journal("_SYSTEMD_UNIT=usb-hotplug-sleep.service", since=since)]
    assert said == ["2 devices given back for the sleep of the machine", "2 devices given again after the sleep"]
    assert look.failed_units(host) == []
