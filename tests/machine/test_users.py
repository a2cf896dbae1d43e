# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may move devices: root, members of group libvirt by polkit, and nobody else."""
import shlex

import look
import pytest

from story import MOUSE, guest_has, host_has, ready


MEMBER, OTHER = "anna", "otto"


@pytest.fixture(scope="module")
def users(host):
    host.must(f"useradd -m -G libvirt {MEMBER}; useradd -m {OTHER}; systemctl start polkit.service")
    return host


def by(host, user, command):
    """A command of a user's, in a login of his own."""
    return host.run(f"runuser -u {user} -- sh -c {shlex.quote(command)} 2>&1")


@pytest.fixture
def mouse(users):
    ready(users, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    found = look.plug(users, "usb-mouse", "mouse", 3)
    guest_has(users, "win10", found)
    return found


@pytest.mark.everywhere
def test_a_member_moves_devices_as_root_does(users, mouse):
    for user in (MEMBER, "root"):
        status, text = by(users, user, "usb-hotplugctl list")
        assert status == 0 and "attached" in text, text
        status, text = by(users, user, f"usb-hotplugctl explain {mouse.port}")
        assert status == 0 and "win10" in text, text
        assert by(users, user, f"usb-hotplugctl detach {mouse.port}") == (
            0, f"The host has {mouse.id} at port {mouse.port}\n")
        host_has(users, mouse)
        assert by(users, user, f"usb-hotplugctl attach {mouse.port} win10") == (
            0, f"win10 has {mouse.id} at port {mouse.port}\n")
        guest_has(users, "win10", mouse)
    assert look.units(users, "usb-hotplug-order@*") == {}


def test_a_member_is_told_why_not(users, mouse):
    look.destroy_guest(users, "win10")
    host_has(users, mouse)
    status, text = by(users, MEMBER, f"usb-hotplugctl attach {mouse.port} win10")
    assert status == 6 and "later: waiting for win10" in text, text
    status, text = by(users, MEMBER, f"usb-hotplugctl attach {mouse.port} nobody")
    assert status == 5 and "No guest 'nobody'" in text, text


def test_a_member_may_do_nothing_else(users, mouse):
    for command in ("systemctl stop usb-hotplug-guest@win10.service", "systemctl stop usb-hotplug@win10.target",
                    "systemctl start usb-hotplug-refresh@dev-sdb.service", "systemctl stop dbus.service",
                    "systemctl restart usb-hotplug-sleep.service"):
        assert by(users, MEMBER, f"{command} --no-ask-password")[0] != 0, command
    # By his own hand he gets no further than the worker's check of an order.
    order = r"usb-hotplug-order@attach:dev-bus-usb-001-003:0123456789abcdef:..\x2fa.service"
    assert by(users, MEMBER, f"systemctl start --no-ask-password '{order}'")[0] != 0
    guest_has(users, "win10", mouse)


def test_anyone_else_is_refused(users, mouse):
    status, text = by(users, OTHER, f"usb-hotplugctl explain {mouse.port}")
    assert status == 1 and "members of group libvirt may: 'usermod -aG libvirt USER'" in text, text
    for command in (f"detach {mouse.port}", f"attach {mouse.port} win10"):
        status, text = by(users, OTHER, f"usb-hotplugctl {command}")
        assert status == 1 and "You may not move devices" in text and "usermod -aG libvirt" in text, text
    assert by(users, OTHER, f"systemctl stop --no-ask-password {mouse.unit}")[0] != 0
    guest_has(users, "win10", mouse)
    # What is with a guest anybody sees; whether a guest is on is libvirt's to say.
    assert by(users, OTHER, "usb-hotplugctl list")[0] == 0
    look.destroy_guest(users, "win10")
    host_has(users, mouse)
    status, text = by(users, OTHER, "usb-hotplugctl list")
    assert status == 1 and "Cannot see all guests" in text and "usermod -aG libvirt" in text, text
