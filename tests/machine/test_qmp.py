# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests without libvirt: QEMU by itself, of an unprivileged user, reached by its monitor."""
import json
import shlex

import look
import pytest

from story import MOUSE

FOLDER = "/run/plain"
SOCKET = f"{FOLDER}/qmp"
UNIT = "plain-qemu.service"
# As usb-hotplug.toml(5) advises: what is made in the folder is the group root's.
BEGIN = f"""set -e
install -d -m 2750 -o nobody -g root {FOLDER}
systemd-run -q --collect --unit={UNIT} -p User=nobody -p UMask=0007 -p PrivateDevices=yes \
    qemu-system-x86_64 -S -accel tcg -machine q35 -m 64 -nodefaults -display none \
    -device qemu-xhci,id=usb,p2=3,p3=3 -qmp unix:{SOCKET},server=on,wait=off
"""
# Each command is a line, and so is each answer; an event begins with its time. What Debian always has.
ASK = """use IO::Socket::UNIX;
alarm 30;
my $monitor = IO::Socket::UNIX->new(Peer => shift) or die $!;
<$monitor>;
for my $command (@ARGV) {
    print $monitor "$command\\n";
    my $answer;
    do { $answer = <$monitor> // die "it has hung up" } until $answer =~ /^\\{"(return|error)"/;
    print $answer;
}
"""
# Connects, reads the greeting and stays.
HOLD = f"""use IO::Socket::UNIX;
my $monitor = IO::Socket::UNIX->new(Peer => "{SOCKET}") or die $!;
<$monitor>;
sleep 99;
"""


def ask(host, *commands):
    """What QEMU returns to commands, each with its arguments."""
    host.write("/run/ask.pl", ASK)
    requests = [json.dumps({"execute": name, "arguments": arguments})
                for name, arguments in [("qmp_capabilities", {}), *commands]]
    answers = host.must(shlex.join(["perl", "/run/ask.pl", SOCKET, *requests])).splitlines()
    return [json.loads(answer).get("return") for answer in answers[1:]]


def begin(host):
    host.must(BEGIN)


def end(host):
    host.run(f"systemctl kill -s KILL {UNIT}; systemctl stop {UNIT}")


def state(host, device):
    return look.unit(host, device.instance)["ActiveState"]


def guest_has(host, device):
    host.wait(lambda: state(host, device) == "active", what=f"{device.unit} to be active")
    names, attached = ask(host, ("qom-list", {"path": "/machine/peripheral"}),
                          ("qom-get", {"path": f"/machine/peripheral/{device.alias}", "property": "attached"}))
    assert {"name": device.alias, "type": "child<usb-host>"} in names
    assert attached is True
    assert look.taken(host, device.port), look.drivers(host, device.port)


def host_has(host, device):
    host.wait(lambda: state(host, device) == "inactive", what=f"{device.unit} to be inactive")
    host.wait(lambda: look.driver_of(host, device.port) == "usbhid", 10, f"usbhid at {device.port}")
    assert look.failed_units(host) == []


def aliases(host):
    [names] = ask(host, ("qom-list", {"path": "/machine/peripheral"}))
    return [entry["name"] for entry in names if entry["name"].startswith(look.PREFIX)]


@pytest.fixture
def plain(host):
    """The host with a configured and enabled guest, which is off and whose folder is not there yet."""
    host.write("/etc/usb-hotplug/plain.toml", f'[guest]\nqmp = "{SOCKET}"\n[[usb]]\nid = "{MOUSE}"\n')
    host.must("systemctl start usb-hotplug@plain.target")
    yield host
    end(host)
    host.must(f"systemctl stop usb-hotplug@plain.target; rm -rf {FOLDER} /run/ask.pl /run/hold.pl")


@pytest.mark.everywhere
def test_a_device_follows_a_plain_qemu(plain):
    mouse = look.plug(plain, "usb-mouse", "mouse", 3)
    plain.wait(lambda: "waiting for plain" in look.unit(plain, mouse.instance)["StatusText"], what="the unit to wait")
    host_has(plain, mouse)
    begin(plain)
    guest_has(plain, mouse)

    plain.must(f"systemctl stop {mouse.unit}")
    host_has(plain, mouse)
    assert aliases(plain) == []
    plain.must(f"systemctl start {mouse.unit}")
    guest_has(plain, mouse)

    plain.unplug("mouse")
    look.gone(plain, mouse)
    plain.wait(lambda: look.units(plain) == {}, what="the unit to be gone")
    assert aliases(plain) == []
    assert plain.must("ls /run/usb-hotplug/attached") == ""


def test_a_plain_qemu_is_killed_and_starts_again(plain):
    begin(plain)
    mouse = look.plug(plain, "usb-mouse", "mouse", 3)
    guest_has(plain, mouse)
    end(plain)
    host_has(plain, mouse)
    assert "is off" in look.unit(plain, "usb-hotplug-guest@plain.service")["StatusText"]
    begin(plain)
    guest_has(plain, mouse)
    plain.must("systemctl stop usb-hotplug@plain.target")
    host_has(plain, mouse)
    assert aliases(plain) == []


@pytest.mark.thorough
def test_quick_replugs_and_the_last_port(plain):
    begin(plain)
    for _ in range(3):
        last = look.plug(plain, "usb-mouse", "mouse", 3)
        plain.unplug("mouse")
        look.gone(plain, last)
    devices = [look.plug(plain, "usb-mouse", f"mouse{port}", port) for port in (3, 4, 5, 6)]
    plain.wait(lambda: sorted(state(plain, each) for each in devices) == ["active"] * 3 + ["failed"],
               what="three devices to be attached")
    assert len(aliases(plain)) == 3
    [full] = [each for each in devices if state(plain, each) == "failed"]
    assert "all 3 USB ports" in look.unit(plain, full.instance)["StatusText"]
    [text] = ask(plain, ("x-query-usb", {}))
    assert "Hub" not in text["human-readable-text"]
    # Another one leaves, and its port is taken.
    other = next(each for each in devices if each != full)
    plain.unplug(f"mouse{other.port.partition('-')[2]}")
    guest_has(plain, full)


def test_a_monitor_that_somebody_else_has_is_an_error_that_passes(plain):
    begin(plain)
    plain.wait(lambda: plain.run(f"test -S {SOCKET}")[0] == 0, what="the socket")
    plain.write("/run/hold.pl", HOLD)
    plain.must("systemd-run -q --collect --unit=holder perl /run/hold.pl; sleep 1")
    mouse = look.plug(plain, "usb-mouse", "mouse", 3)
    plain.wait(lambda: state(plain, mouse) == "failed", what="the start to fail")
    assert "another client has this monitor" in look.unit(plain, mouse.instance)["StatusText"]
    assert look.driver_of(plain, mouse.port) == "usbhid"
    plain.must("systemctl stop holder")
    guest_has(plain, mouse)
