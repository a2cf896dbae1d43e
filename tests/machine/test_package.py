# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Debian package: an upgrade takes no device from its guest, a removal gives all of them back and
leaves the configuration, and a purge leaves nothing."""
import look
import product
import pytest

from story import MOUSE, configure, guest_has, host_has, messages


TOML = f'# kept\n[[usb]]\nid = "{MOUSE}"\n'
WATCHER = "usb-hotplug-guest@win10.service"
# By name, wherever it is on the disk or in /run, but for what udev and systemd note for themselves of
# tags and units that were there; and by content where deb-systemd-helper and enabling leave theirs.
TRACES = r"""find / /run -xdev \( -path /run/udev -o -path /run/systemd \) -prune -o -name '*usb-hotplug*' -print \
    2>/dev/null | sort -u
grep -rls usb-hotplug /var/lib/systemd /etc || true"""
INSTALLED = "dpkg-query -W -f '${db:Status-Abbrev}${Version}' usb-hotplug"


@pytest.fixture
def installed(host, suite):
    """The machine, which has the product again afterwards, whatever became of it."""
    package = product.make(suite)
    yield host
    host.install(package)


def plugged(host):
    """A guest that is enabled for good, and has a mouse."""
    configure(host, "win10", TOML)
    look.start_guest(host, "win10")
    host.must("systemctl -q enable --now usb-hotplug@win10.target")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    return mouse


@pytest.mark.everywhere
def test_an_upgrade_leaves_devices_where_they_are(host, suite):
    version = host.must(INSTALLED)[3:]
    newer = product.make(suite, f"{version}+newer")
    mouse = plugged(host)
    before = look.unit(host, mouse.instance), look.unit(host, WATCHER)
    since = host.now()
    try:
        host.install(newer)
        assert host.must(INSTALLED) == f"ii {version}+newer"
        after = look.unit(host, mouse.instance), look.unit(host, WATCHER)
        # The same activation of the device's unit, by the same worker; a new watcher.
        assert after[0] == before[0]
        assert after[1]["ActiveState"] == "active" and after[1]["MainPID"] != before[1]["MainPID"]
        guest_has(host, "win10", mouse)
        assert messages(host, mouse, since=since) == []
        assert host.must("cat /etc/usb-hotplug/win10.toml") == TOML
        assert host.must("systemctl is-enabled usb-hotplug@win10.target").strip() == "enabled"
        # What runs now is the new one's, and sees to the next plug.
        host.unplug("mouse")
        look.gone(host, mouse)
        guest_has(host, "win10", look.plug(host, "usb-mouse", "mouse", 3))
    finally:
        # Back to the older version, which dpkg does with a warning.
        host.install(product.make(suite))


def test_a_removal_gives_back_and_a_purge_leaves_nothing(installed):
    host = installed
    mouse = plugged(host)
    host.must("dpkg --remove usb-hotplug", 300)
    assert host.must(INSTALLED).startswith("rc ")
    host.wait(lambda: look.driver_of(host, mouse.port) == "usbhid", 30, "the host to have the mouse")
    assert look.attached(host, "win10") == {}
    assert look.qemu_usb(host, "win10").count(mouse.alias) == 0
    assert look.failed_units(host) == []
    # The switch is still referred to, by the link that enabled it.
    assert set(look.units(host, "usb-hotplug*").values()) <= {"inactive"}
    assert host.must("cat /etc/usb-hotplug/win10.toml") == TOML
    assert host.must("ls /etc/systemd/system/multi-user.target.wants/").split().count("usb-hotplug@win10.target") == 1
    # Nothing of it acts on a plug any more.
    host.unplug("mouse")
    look.gone(host, mouse)
    another = look.plug(host, "usb-mouse", "mouse", 3)
    host_has(host, another)

    # What is configured is the administrator's, and goes by his hand.
    host.must("dpkg --purge usb-hotplug", 300)
    assert host.must(TRACES).split() == ["/etc/usb-hotplug"]
    host.must("rm -r /etc/usb-hotplug")

    # Without such a file a purge in one step leaves nothing at all; nor does the catalog know it.
    host.install(product.make(host.image.suite))
    host.must("dpkg --purge usb-hotplug", 300)
    assert host.must(TRACES) == ""
    assert "usb-hotplug" not in host.must("journalctl --no-pager --dump-catalog")


def test_the_units_are_as_they_were_installed(host):
    """No service of ours is started by the package; what the user enables is all there is."""
    state = host.must("ls -A /var/lib/systemd/deb-systemd-helper-enabled 2>/dev/null || true")
    assert "usb-hotplug" not in state
    assert look.unit(host, "usb-hotplug-sleep.service")["ActiveState"] == "inactive"
    assert look.units(host, "usb-hotplug-guest@*.service") == {}
    assert "usb-hotplug" in host.must("journalctl --no-pager --dump-catalog")
    assert look.failed_units(host) == []
