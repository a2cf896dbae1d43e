# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugging in, pulling out, and the user's own hand."""
import look
import pytest

from story import MOUSE, configure, guest_has, host_has, nobody_has, ready

# What may happen at any time, and changes nothing.
DISTURB = """set -e
for disturbance in "udevadm trigger" "udevadm trigger --action=add" "systemctl daemon-reload" \
    "systemctl daemon-reexec" "systemctl restart usb-hotplug-guest@win10"
do
    $disturbance
    udevadm settle
done
"""


@pytest.mark.everywhere
def test_plugged_device_reaches_the_guest_and_unplugged_one_leaves(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.unplug("mouse")
    look.gone(host, mouse)
    host.wait(lambda: look.hostdevs(host, "win10") == [], what="the live XML to be clean")
    host.wait(lambda: look.units(host) == {}, what="the unit to be gone")
    nobody_has(host, mouse)
    assert host.must("ls /run/usb-hotplug/attached").strip() == ""


def test_what_no_rule_names_stays_with_the_host(host):
    ready(host, "win10", '[[usb]]\nid = "dead:*"\n[[usb]]\nserial = "Other"\n[[usb]]\nport = "1-3.*"\n'
                         "[[usb]]\ninterface = { class = 8 }\n")
    mouse = look.plug(host, "usb-mouse", "mouse", 3, serial="The-One")
    host.wait(lambda: look.driver_of(host, mouse.port) == "usbhid", what="a driver")
    host.holds(lambda: look.units(host) == {}, 4, "no unit for the device")
    host_has(host, mouse)


def test_hubs_stay_and_exceptions_hold(host):
    ready(host, "win10", '[[usb]]\nall = true\n[[except]]\nserial = "Mine"\n')
    hub = look.plug(host, "usb-hub", "hub", 3)
    mine = look.plug(host, "usb-mouse", "mine", "3.1", serial="Mine")
    other = look.plug(host, "usb-mouse", "other", "3.2", serial="Other")
    guest_has(host, "win10", other)
    host_has(host, mine)
    assert look.driver_of(host, hub.port) == "hub"
    assert look.attached(host, "win10").keys() == {other.instance}


def test_stop_returns_the_device_to_stay_and_start_gives_it_again(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)

    host.must(f"systemctl stop {mouse.unit}")
    host_has(host, mouse, timeout=1)
    host.must(DISTURB)
    host.holds(lambda: look.attached(host, "win10") == {}, 3, "still with the host")
    host_has(host, mouse, timeout=1)
    assert "released" in host.must("usb-hotplugctl list")

    host.must(f"systemctl start {mouse.unit}")
    guest_has(host, "win10", mouse, timeout=1)
    started = look.unit(host, mouse.instance)["InvocationID"]
    host.must("udevadm trigger; udevadm trigger --action=add; udevadm settle")
    guest_has(host, "win10", mouse, timeout=1)
    assert look.unit(host, mouse.instance)["InvocationID"] == started, "the unit was restarted"

    host.must(f"systemctl stop {mouse.unit}")
    host.unplug("mouse")
    look.gone(host, mouse)
    guest_has(host, "win10", look.plug(host, "usb-mouse", "mouse", 3))


def test_stop_needs_no_configuration(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must("rm /etc/usb-hotplug/win10.toml; udevadm trigger; udevadm settle")
    guest_has(host, "win10", mouse, timeout=1)
    host.must(f"systemctl stop {mouse.unit}")
    host_has(host, mouse, timeout=1)


def test_replug_again_and_again_ends_with_one(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    for _ in range(6):
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        host.unplug("mouse")
        look.gone(host, mouse)
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.wait(lambda: look.attached(host, "win10").keys() == {mouse.instance}, what="exactly one")
    host.wait(lambda: look.units(host) == {mouse.unit: "active"}, what="exactly one unit")
    assert look.failed_units(host) == []


def test_edited_file_counts_at_the_next_plug_and_at_reload(host):
    ready(host, "win10", '[[usb]]\nid = "dead:beef"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.holds(lambda: look.attached(host, "win10") == {}, 2, "not wanted yet")
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.must("systemctl reload usb-hotplug-guest@win10")
    guest_has(host, "win10", mouse)
    configure(host, "win10", '[[usb]]\nid = "dead:beef"\n')
    host.must("systemctl reload usb-hotplug-guest@win10")
    host_has(host, mouse)
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.must("systemctl reload usb-hotplug-guest@win10")
    guest_has(host, "win10", mouse)


def test_started_by_hand_while_nobody_wants_it(host):
    ready(host, "win10", '[[usb]]\nid = "dead:beef"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.must(f"systemctl start {mouse.unit}")
    assert look.unit(host, mouse.instance)["ActiveState"] == "inactive"
    journal = host.must(f"journalctl -o cat -u {mouse.unit}")
    assert "wanted by no guest's rules; see 'usb-hotplugctl explain 1-3'" in journal
    host_has(host, mouse)
