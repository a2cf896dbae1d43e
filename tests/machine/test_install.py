# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the installation put in place is where systemd, udev and man look, and right."""
import look
import pytest

from story import MOUSE, configure

pytestmark = pytest.mark.everywhere

FILES = (
    "/lib/systemd/system/usb-hotplug@.service", "/lib/systemd/system/usb-hotplug@.target",
    "/lib/systemd/system/usb-hotplug-guest@.service", "/lib/udev/rules.d/90-usb-hotplug.rules",
    "/lib/udev/usb-hotplug-match", "/usr/libexec/usb-hotplug/usb-hotplug-worker",
    "/usr/libexec/usb-hotplug/usb-hotplug-guest", "/usr/bin/usb-hotplugctl", "/etc/usb-hotplug",
    "/usr/share/man/man1/usb-hotplugctl.1.gz", "/usr/share/man/man5/usb-hotplug.toml.5.gz",
    "/usr/share/man/man7/usb-hotplug.7.gz", "/usr/share/man/man8/usb-hotplug@.service.8.gz",
    "/usr/share/man/man8/usb-hotplug@.target.8.gz", "/usr/share/man/man8/usb-hotplug-guest@.service.8.gz",
    "/usr/share/man/man8/usb-hotplug-match.8.gz", "/usr/share/man/man8/usb-hotplug-worker.8.gz",
)


def test_every_file_is_in_its_place(host):
    host.must("ls -d " + " ".join(f"'{name}'" for name in FILES))
    text = host.must("cat /lib/systemd/system/usb-hotplug*@.* /lib/udev/rules.d/90-usb-hotplug.rules")
    assert "@workerdir@" not in text and "@udevdir@" not in text


def test_systemd_and_udev_have_no_complaint(host):
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    # 252 exits with 0 whatever it finds.
    status, text = host.run("systemd-analyze verify --man=no usb-hotplug@win10.target "
                            "usb-hotplug-guest@win10.service usb-hotplug@dev-bus-usb-001-002.service 2>&1 | grep usb-hotplug")
    assert (status, text) == (1, "")
    assert "usb-hotplug" not in host.run("journalctl -b -o cat -u systemd-udevd -p warning")[1]
    if host.run("udevadm verify --help")[0] == 0:       # since 254
        host.must("udevadm verify --resolve-names=never /lib/udev/rules.d/90-usb-hotplug.rules")


def test_the_user_lives_in_systemctl(host):
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.must("systemctl -q enable --now usb-hotplug@win10.target")
    look.start_guest(host, "win10")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.wait(lambda: look.units(host) == {mouse.unit: "active"}, what="the list of what is passed through")
    assert host.must("systemctl is-enabled usb-hotplug@win10.target").strip() == "enabled"
    text = host.must(f"systemctl status --no-pager --full {mouse.unit}")
    assert "win10 has 0627:0001 QEMU QEMU USB Mouse at port 1-3" in text
    text = host.must("systemctl status --no-pager --full usb-hotplug-guest@win10")
    assert "win10 is running and has 1 USB device of ours" in text
