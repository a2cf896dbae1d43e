# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guest's life: off, on, reset, killed, paused, disabled; and its hypervisor's."""
import look
import pytest

from story import MOUSE, configure, enable, guest_has, host_has, messages, nobody_has, ready, unit_says


def test_waits_for_a_guest_that_is_off_and_comes_when_it_starts(host):
    since = host.now()
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n', running=False)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    for device in (mouse, tablet):
        host.wait(lambda: unit_says(host, device)[:2] == ("inactive", "exec-condition"), what="the unit to be skipped")
        status = unit_says(host, device)[2]
        assert status.endswith("is waiting for win10, which is off")
        host_has(host, device)
    assert "which is off" in host.run(f"systemctl status --no-pager {mouse.unit}")[1]
    assert [m["MESSAGE"] for m in messages(host, mouse, since)] == [unit_says(host, mouse)[2]]

    look.start_guest(host, "win10")
    guest_has(host, "win10", mouse)
    guest_has(host, "win10", tablet)


def test_off_and_on_again(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    for _ in range(2):
        guest_has(host, "win10", mouse)
        look.destroy_guest(host, "win10")
        host_has(host, mouse)
        look.start_guest(host, "win10")
    guest_has(host, "win10", mouse)
    # Without a pause: the new guest is there before anyone has cleaned up after the old one.
    host.must("virsh -q destroy win10; virsh -q start win10")
    host.wait(lambda: look.attached(host, "win10").keys() == {mouse.instance}, what="the device again")
    guest_has(host, "win10", mouse)


def test_killed_guest_gives_the_drivers_back(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must("kill -KILL $(pidof qemu-system-x86_64)")
    host_has(host, mouse)


@pytest.mark.thorough
def test_reset_and_pause_keep_the_device(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    started = look.unit(host, mouse.instance)["InvocationID"]
    for action in ("reset", "suspend", "resume"):
        host.must(f"virsh -q {action} win10")
        host.holds(lambda: look.attached(host, "win10").keys() == {mouse.instance}, 2, f"attached after {action}")
    guest_has(host, "win10", mouse)
    assert look.unit(host, mouse.instance)["InvocationID"] == started


@pytest.mark.thorough
def test_a_stopped_device_comes_back_with_the_guests_next_start(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"systemctl stop {mouse.unit}")
    host_has(host, mouse)
    look.destroy_guest(host, "win10")
    look.start_guest(host, "win10")
    guest_has(host, "win10", mouse)


def test_disabled_target_gives_everything_back(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    guest_has(host, "win10", mouse)
    guest_has(host, "win10", tablet)
    host.must("systemctl -q disable --now usb-hotplug@win10.target")
    # Already true when the command ends.
    host_has(host, mouse, timeout=0)
    host_has(host, tablet, timeout=0)
    host.must("udevadm trigger; udevadm settle")
    another = look.plug(host, "usb-kbd", "another", 5)
    host.holds(lambda: look.attached(host, "win10") == {}, 3, "nothing attached while disabled")
    host_has(host, another)
    enable(host, "win10")
    for device in (mouse, tablet, another):
        guest_has(host, "win10", device)


def test_two_guests_the_first_in_line_gets_it(host):
    ready(host, "linux", f'[guest]\npriority = 5\n[[usb]]\nid = "{MOUSE}"\n', running=False)
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)      # linux is off
    look.start_guest(host, "linux")
    tablet = look.plug(host, "usb-tablet", "tablet", 4)
    guest_has(host, "linux", tablet)
    guest_has(host, "win10", mouse)      # what a guest has it keeps
    assert tablet.instance not in look.attached(host, "win10")


@pytest.mark.everywhere
def test_libvirtd_restarts_under_an_attached_device(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    # What libvirtd would believe after a restart has to be clean after each of ours.
    for _ in range(3):
        host.must(f"systemctl stop {mouse.unit}")
        assert "ua-usb-hotplug" not in host.must("cat /run/libvirt/qemu/win10.xml")
        host.must(f"systemctl start {mouse.unit}")
    host.must("systemctl restart libvirtd; virsh list >/dev/null")
    host.holds(lambda: look.running(host, "win10"), 3, "the guest to run")
    guest_has(host, "win10", mouse)
    host.unplug("mouse")
    look.gone(host, mouse)
    host.wait(lambda: look.hostdevs(host, "win10") == [], what="the live XML to be clean")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    look.destroy_guest(host, "win10")
    host_has(host, mouse)
    look.start_guest(host, "win10")
    guest_has(host, "win10", mouse)


def test_detached_by_other_means_is_respected(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"virsh -q detach-device-alias win10 {mouse.alias} --live")
    host_has(host, mouse)
    host.holds(lambda: look.attached(host, "win10") == {}, 3, "not attached again")
    nobody_has(host, mouse)


def test_foreign_hostdevs_are_left_alone(host):
    ready(host, "win10", '[[usb]]\nport = "1-3"\n')
    foreign = look.plug(host, "usb-tablet", "foreign", 4)
    host.write("/run/foreign.xml", f"""<hostdev mode="subsystem" type="usb"><source>
<address bus="{foreign.bus}" device="{foreign.device}"/></source><alias name="ua-mine"/></hostdev>""")
    host.must("virsh -q attach-device win10 /run/foreign.xml")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must("systemctl restart usb-hotplug-guest@win10; systemctl reload usb-hotplug-guest@win10")
    host.must("systemctl -q disable --now usb-hotplug@win10.target")
    host_has(host, mouse)
    assert [entry["alias"] for entry in look.hostdevs(host, "win10")] == ["ua-mine"]


def test_a_watcher_that_was_killed_comes_back_and_changes_nothing(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    started = look.unit(host, mouse.instance)["InvocationID"]
    host.must("systemctl kill -s KILL usb-hotplug-guest@win10")
    host.wait(lambda: look.unit(host, "usb-hotplug-guest@win10.service")["ActiveState"] == "active",
              what="the watcher again")
    guest_has(host, "win10", mouse)
    assert look.unit(host, mouse.instance)["InvocationID"] == started
