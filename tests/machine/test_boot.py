# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boot: devices that were there before, and every order of start."""
import look
import pytest

from story import MOUSE, guest_has, host_has, ready


@pytest.mark.reboot
@pytest.mark.parametrize("late", [pytest.param("nothing", marks=pytest.mark.everywhere), "libvirtd", "watcher"])
def test_boots_into_the_right_state(host, late):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n', running=False)
    host.must("systemctl -q enable usb-hotplug@win10.target; virsh -q autostart win10")
    look.plug(host, "usb-mouse", "mouse", 3)
    delayed = {"libvirtd": "libvirtd.service", "watcher": "usb-hotplug-guest@win10.service"}.get(late)
    if delayed:
        host.write(f"/etc/systemd/system/{delayed}.d/late.conf", "[Service]\nExecStartPre=/bin/sleep 12\n")
    try:
        host.reboot()
        mouse = look.device(host, 3)
        guest_has(host, "win10", mouse, timeout=90)
        assert look.failed_units(host) == []
    finally:
        host.must(f"rm -rf /etc/systemd/system/{delayed or 'none'}.d; systemctl daemon-reload; "
                  "virsh -q autostart --disable win10")


@pytest.mark.parametrize("order", [pytest.param("udev watcher libvirtd", marks=pytest.mark.everywhere),
                                   "watcher libvirtd udev", "libvirtd udev watcher"])
def test_any_order_of_start(host, order):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"systemctl stop usb-hotplug@win10.target; "
              "systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket")
    assert look.unit(host, mouse.instance)["ActiveState"] == "inactive"
    starts = {"watcher": "systemctl start usb-hotplug@win10.target",
              "libvirtd": "systemctl start libvirtd.socket libvirtd.service",
              "udev": "udevadm trigger --action=add --settle"}
    for step in order.split():
        host.must(starts[step])
        host.must("sleep 2")
    guest_has(host, "win10", mouse, timeout=90)
    assert look.failed_units(host) == []
    host.unplug("mouse")
    host.wait(lambda: look.hostdevs(host, "win10") == [], what="the live XML to be clean")
    host.wait(lambda: look.units(host) == {}, what="the unit to be gone")


def test_shutdown_of_the_guest_with_libvirtd_gone(host):
    """A guest that dies while nobody watches is noticed when libvirtd is back."""
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must("systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket; "
              "kill -KILL $(pidof qemu-system-x86_64)")
    host.must("sleep 2; systemctl start libvirtd.socket libvirtd.service")
    host_has(host, mouse, timeout=90)
