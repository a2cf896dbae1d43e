# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test machine itself: what every other test here relies on."""
import look
import pytest

import bootstick
from testhost import Failed

pytestmark = pytest.mark.everywhere


def test_systemd_is_up_and_nothing_failed(machine):
    assert machine.must("systemctl is-system-running").strip() == "running"
    assert look.failed_units(machine) == []


def test_command_gives_status_and_output(machine):
    assert machine.run("echo a; echo \"it's\" >&2; exit 3") == (3, "a\nit's\n")
    assert machine.run("sleep 60", timeout=1)[0] == 124
    with pytest.raises(Failed, match="no such thing"):
        machine.must("echo no such thing; false")


def test_devices_come_and_go(machine):
    mouse = look.plug(machine, "usb-mouse", "mouse", 3)
    assert (mouse.port, mouse.id) == ("1-3", "0627:0001")
    machine.wait(lambda: look.driver_of(machine, mouse.port) == "usbhid", what="a driver")
    serial = look.plug(machine, "usb-serial", "serial", 4, serial="A1")
    assert (serial.id, serial.serial) == ("0403:6001", "A1")
    look.plug(machine, "usb-hub", "hub", 5)
    tablet = look.plug(machine, "usb-tablet", "tablet", "5.2", serial="behind")
    assert (tablet.port, tablet.serial) == ("1-5.2", "behind")
    machine.unplug("mouse")
    look.gone(machine, mouse)
    assert {found.port for found in look.devices(machine)} == {"1-4", "1-5", "1-5.2"}


def test_guest_can_use_a_stick(machine, tmp_path):
    machine.define_guest("sticky", boot_usb=True)
    stick = look.plug(machine, "usb-storage", "stick", 6, serial="S1",
                      drive=bootstick.write(tmp_path / "stick", "BOOTED-FROM-USB"))
    machine.write("/run/stick.xml", f"""<hostdev mode="subsystem" type="usb"><source>
<address bus="{stick.bus}" device="{stick.device}"/></source><alias name="{stick.alias}"/></hostdev>""")
    look.start_guest(machine, "sticky")
    machine.must("virsh -q attach-device sticky /run/stick.xml")
    assert look.attached(machine, "sticky").keys() == {stick.instance}
    assert look.qemu_usb(machine, "sticky") == [stick.alias]
    assert look.host_nodes(machine, "sticky") == {stick.alias: stick.node}
    assert look.taken(machine, stick.port)
    machine.must("virsh -q reset sticky")
    machine.wait(lambda: "BOOTED-FROM-USB" in machine.guest_says("sticky"), 60, "the stick's word")
    look.destroy_guest(machine, "sticky")
    machine.wait(lambda: look.driver_of(machine, stick.port) == "usb-storage", what="the stick to come back")
