# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the services may do on a real machine, and that it is enough for their work."""
import contextlib
import json
import re

import look
import pytest

from story import MOUSE, configure, enable, guest_has, host_has, ready

EXPOSURE = 1.5
SERVICES = ("usb-hotplug@.service", "usb-hotplug-guest@.service")
WATCHER = "usb-hotplug-guest@win10.service"


@contextlib.contextmanager
def drop_in(host, text, services=SERVICES):
    """The services with these lines in addition, for units that start meanwhile."""
    files = [f"/run/systemd/system/{service}.d/test.conf" for service in services]
    for file in files:
        host.write(file, "[Service]\n" + text)
    host.must("systemctl daemon-reload")
    try:
        yield
    finally:
        host.must(f"rm {' '.join(files)}; systemctl daemon-reload")


def story(host):
    """Everything the services do: attach, give back by hand, attach, follow the guest, reload, end."""
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"systemctl stop {mouse.unit}")
    host_has(host, mouse)
    host.must(f"systemctl start {mouse.unit}")
    guest_has(host, "win10", mouse)
    look.destroy_guest(host, "win10")
    host_has(host, mouse)
    look.start_guest(host, "win10")
    guest_has(host, "win10", mouse)
    host.must(f"systemctl reload {WATCHER}")
    host.unplug("mouse")
    look.gone(host, mouse)
    another = look.plug(host, "usb-tablet", "tablet", 4)
    guest_has(host, "win10", another)
    host.must("systemctl -q disable --now usb-hotplug@win10.target")
    host_has(host, another, timeout=0)
    return another


def killed_by_filter(host, since):
    """What systemd says of processes of our units that a system call has ended."""
    text = [m["MESSAGE"] for m in host.journal("-u", "usb-hotplug*", since=since) if isinstance(m["MESSAGE"], str)]
    return [line for line in text if "status=31/SYS" in line]


def watcher_pid(host):
    pid = look.unit(host, WATCHER)["MainPID"]
    assert pid != "0"
    return pid


def inside(host, pid, command):
    """Runs a command that sees what the service sees, though with all of root's capabilities."""
    return host.run(f"nsenter -t {pid} -m sh -c '{command}'")


@pytest.mark.everywhere
def test_exposure(host, figure):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    for name, unit in zip(SERVICES, (mouse.unit, WATCHER)):
        lines = host.must(f"systemd-analyze security --no-pager '{unit}'")
        exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", lines)
        points = json.loads(host.must(f"systemd-analyze security --no-pager --json=short '{unit}'"))
        left = sorted(point["name"] for point in points if float(point["exposure"] or 0) > 0)
        figure(f"exposure of {name}", f"{exposure[1]}; left: {', '.join(left)}")
        assert float(exposure[1]) <= EXPOSURE, name


def test_the_watcher_has_no_privilege(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.wait(lambda: look.unit(host, WATCHER)["ActiveState"] == "active", what="the watcher")
    status = dict(re.findall(r"^(\w+):\s+(\S+)", host.must(f"cat /proc/{watcher_pid(host)}/status"), re.MULTILINE))
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_the_watcher_can_write_to_its_own_folder_alone(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.wait(lambda: look.unit(host, WATCHER)["ActiveState"] == "active", what="the watcher")
    pid = watcher_pid(host)
    for folder in ("/etc", "/etc/usb-hotplug", "/usr", "/var", "/run", "/run/libvirt", "/run/udev"):
        status, text = inside(host, pid, f"touch {folder}/written-by-a-test")
        assert status != 0 and "Read-only file system" in text, (folder, text)
    status, text = inside(host, pid, "touch /run/usb-hotplug/test && rm /run/usb-hotplug/test && "
                                     "test -w /sys/bus/usb/drivers_probe && test ! -w /sys/bus/usb/drivers/usb/unbind && "
                                     "test ! -e /dev/bus && test ! -e /proc/sys")
    assert status == 0, text


def test_the_worker_can_ask_for_drivers_and_open_disks_and_usb_devices(host):
    """What the worker's limits leave open on purpose, seen from a command of the same unit."""
    checks = ("test -w /sys/bus/usb/drivers_probe && test ! -w /sys/bus/usb/drivers/usb/unbind && "
              "test ! -w /proc/sys/kernel/core_pattern && grep -q . /proc/1/mountinfo && grep -q . /proc/swaps && "
              "head -c 1 /dev/vda >/dev/null && head -c 1 /dev/bus/usb/001/001 >/dev/null && ! head -c 1 /dev/ttyS0 && "
              "echo as wanted >/run/usb-hotplug/test")
    with drop_in(host, f"ExecStartPost=-/bin/sh -c '{checks}'\n", SERVICES[:1]):
        ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        guest_has(host, "win10", mouse)
        assert host.must("cat /run/usb-hotplug/test; rm /run/usb-hotplug/test") == "as wanted\n"


@pytest.mark.everywhere
def test_nothing_is_refused_that_is_needed(host):
    """With a filter that kills, where the real one only refuses: nobody is killed."""
    since = host.now()
    # libnuma tries this one when it is loaded, and does without.
    with drop_in(host, "SystemCallErrorNumber=kill\nSystemCallFilter=set_mempolicy\n"):
        story(host)
    assert killed_by_filter(host, since) == []


@pytest.mark.thorough
def test_works_without_polkit(host):
    """systemd and libvirt take root's word, also of a root without capabilities."""
    host.must("systemctl -q mask --runtime --now polkit.service")
    try:
        story(host)
        assert look.unit(host, "polkit.service")["ActiveState"] != "active"
    finally:
        host.must("systemctl -q unmask --runtime polkit.service")


@pytest.mark.thorough
def test_state_is_readable_by_everybody(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    found = host.must("setpriv --reuid=65534 --regid=65534 --clear-groups usb-hotplugctl list 2>&1 || :")
    assert re.search(rf"^{mouse.port} .* win10 +attached ", found, re.MULTILINE), found


@pytest.mark.thorough
def test_a_private_file_of_roots_is_read(host):
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.must("chmod 600 /etc/usb-hotplug/win10.toml")
    look.start_guest(host, "win10")
    enable(host, "win10")
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
