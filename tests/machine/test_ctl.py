# SPDX-License-Identifier: LGPL-2.1-or-later
"""usb-hotplugctl: list, check, explain, attach, detach, and their exit statuses."""
import json

import look
import pytest

from story import MOUSE, configure, enable, guest_has, host_has, ready

CTL = "usb-hotplugctl"


def row(host, device):
    """The device's line of `list`, as a dict by heading; the last one has blanks in it."""
    lines = host.must(f"{CTL} list").splitlines()
    starts = [lines[0].index(heading) for heading in lines[0].split()]
    ends = starts[1:] + [None]
    for line in lines[1:]:
        cells = {heading: line[start:end].strip()
                 for heading, start, end in zip(lines[0].split(), starts, ends)}
        if cells["PORT"] == device.port:
            return cells
    raise AssertionError(f"no line for {device.port} in:\n" + "\n".join(lines))


def test_list_says_who_has_what_and_why_not(host):
    configure(host, "linux", '[[usb]]\nport = "1-6"\n')
    ready(host, "win10", '[[usb]]\nserial = "Wanted"\ndescription = "My mouse"\n'
                         '[[except]]\nport = "1-5"\n[[usb]]\nport = "1-5"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3, serial="Wanted")
    nobodys = look.plug(host, "usb-kbd", "nobodys", 4)
    kept = look.plug(host, "usb-tablet", "kept", 5)
    waiting = look.plug(host, "usb-tablet", "waiting", 6)
    hub = look.plug(host, "usb-hub", "hub", 7)
    guest_has(host, "win10", mouse)
    assert row(host, mouse) == {
        "PORT": "1-3", "NODE": mouse.node, "ID": MOUSE, "DEVICE": "QEMU QEMU USB Mouse", "GUEST": "win10",
        "STATE": "attached", "REASON": '[[usb]] rule "My mouse" in /etc/usb-hotplug/win10.toml, line 1'}
    assert (row(host, nobodys)["STATE"], row(host, nobodys)["REASON"]) == ("host", "no rule of any guest fits")
    assert row(host, kept)["REASON"] == "kept from win10 by [[except]] rule in /etc/usb-hotplug/win10.toml, line 4"
    assert (row(host, waiting)["GUEST"], row(host, waiting)["STATE"]) == ("linux", "waiting")
    assert row(host, waiting)["REASON"] == "waiting for linux, which is not enabled"
    assert row(host, hub)["REASON"] == "hubs stay with the host"
    host.must(f"systemctl stop {mouse.unit}")
    assert row(host, mouse)["STATE"] == "released"
    assert f"systemctl start {mouse.unit}" in row(host, mouse)["REASON"]


def test_check(host):
    assert host.run(f"{CTL} check")[0] == 1     # no guest at all
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    status, text = host.run(f"{CTL} check")
    assert (status, "not enabled; 'systemctl enable --now usb-hotplug@win10.target' does" in text) == (0, True)
    enable(host, "win10")
    assert host.run(f"{CTL} check") == (0, "1 guest in order, 0 errors, 0 warnings\n")
    configure(host, "ghost", '[guest]\npriority = 3\n[[usb]]\nall = true\n')
    status, text = host.run(f"{CTL} check")
    assert (status, "qemu:///system has no domain 'ghost'" in text) == (1, True)
    assert "/etc/usb-hotplug/win10.toml:1:1: warning: guest ghost gets all that [[usb]] rule asks for first " in text
    status, text = host.run(f"{CTL} check --json")
    found = json.loads(text)
    assert (status, found["errors"], found["guests"]) == (1, 0, 2)
    assert sorted(finding["code"] for finding in found["findings"] if finding["severity"] == "warning") == \
        ["guest-missing", "rule-shadowed"]
    configure(host, "linux", '[[usb]]\nid = "0627:0001"\nserail = "x"\n')
    status, text = host.run(f"{CTL} check")
    assert status == 2
    assert "/etc/usb-hotplug/linux.toml:3:1: unknown key 'serail' in [[usb]]; did you mean 'serial'?" in text


@pytest.mark.thorough
def test_check_finds_what_is_missing_of_the_installation(host):
    configure(host, "win10", '[[usb]]\nserial = "None"\n')
    host.must("mkdir -p /run/udev/rules.d; ln -s /dev/null /run/udev/rules.d/90-usb-hotplug.rules")
    host.must("systemctl -q mask --runtime usb-hotplug-guest@.service")
    host.must("chmod a-x /usr/libexec/usb-hotplug/usb-hotplug-worker")
    try:
        status, text = host.run(f"{CTL} check")
    finally:
        host.must("rm /run/udev/rules.d/90-usb-hotplug.rules")
        host.must("systemctl -q unmask --runtime usb-hotplug-guest@.service")
        host.must("chmod a+x /usr/libexec/usb-hotplug/usb-hotplug-worker")
    assert status == 2
    assert "/run/udev/rules.d/90-usb-hotplug.rules: error: udev reads this file in place of " in text
    assert "[unit-masked]" in text
    assert "/usr/libexec/usb-hotplug/usb-hotplug-worker: error: " in text
    assert host.run(f"{CTL} check")[0] == 0


def test_explain_names_the_first_condition_that_failed(host):
    configure(host, "linux", '[guest]\npriority = 7\n[[usb]]\nid = "0627:*"\nserial = "Other*"\n')
    ready(host, "win10", f'[[usb]]\nenabled = false\nall = true\n[[usb]]\nid = "{MOUSE}"\n[[except]]\nport = "1-9"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3, serial="The-One")
    guest_has(host, "win10", mouse)
    text = host.must(f"{CTL} explain {mouse.port}")
    lines = [line.strip() for line in text.splitlines()]
    assert "Guest linux (/etc/usb-hotplug/linux.toml, priority 7) does not want it, no rule fits" in lines
    assert 'line 3: [[usb]]: no, serial is "The-One" and not "Other*"' in lines
    assert "Guest win10 (/etc/usb-hotplug/win10.toml, priority 0) wants it, by line 4" in lines
    assert "line 1: [[usb]]: switched off" in lines
    assert "line 4: [[usb]]: holds" in lines
    assert 'line 6: [[except]]: no, port is "1-3" and not "1-9"' in lines
    assert lines.index(next(line for line in lines if line.startswith("Guest linux"))) < \
        lines.index(next(line for line in lines if line.startswith("Guest win10")))
    assert f"Unit {mouse.unit} is active" in lines
    assert lines[-1].startswith("Decision: win10, attached")
    look.destroy_guest(host, "win10")
    host_has(host, mouse)
    assert host.must(f"{CTL} explain {mouse.node}").splitlines()[-1] == \
        "Decision: win10, waiting: waiting for win10, which is off"


def test_attach_and_detach_by_hand(host):
    configure(host, "linux", "[guest]\n")
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)

    status, text = host.run(f"{CTL} attach {mouse.port} linux")
    assert (status, "waiting for linux, which is not enabled" in text) == (6, True)
    host_has(host, mouse)
    enable(host, "linux")
    look.start_guest(host, "linux")
    guest_has(host, "linux", mouse)             # as soon as it can
    host.must(f"{CTL} attach {mouse.unit} win10")
    guest_has(host, "win10", mouse, timeout=0)
    assert look.attached(host, "linux") == {}
    host.must(f"{CTL} attach {MOUSE} linux")
    guest_has(host, "linux", mouse, timeout=0)
    assert look.attached(host, "win10") == {}
    assert host.run(f"{CTL} attach {mouse.port} linux")[0] == 0     # already there
    host.must(f"{CTL} detach {mouse.node}")
    host_has(host, mouse, timeout=0)
    assert host.run(f"{CTL} detach {mouse.node}")[0] == 0           # already done
    host.unplug("mouse")
    look.gone(host, mouse)
    guest_has(host, "win10", look.plug(host, "usb-mouse", "mouse", 3))     # the rules' word again


@pytest.mark.thorough
def test_names_that_fit_nothing_or_too_much(host):
    ready(host, "win10", '[[usb]]\nid = "dead:beef"\n', running=False)
    left = look.plug(host, "usb-mouse", "left", 3, serial="L")
    right = look.plug(host, "usb-mouse", "right", 4, serial="R")
    status, text = host.run(f"{CTL} explain {MOUSE}")
    assert status == 4
    assert f"1-3  {left.node}  QEMU QEMU USB Mouse, serial L" in text
    assert f"1-4  {right.node}  QEMU QEMU USB Mouse, serial R" in text
    assert host.run(f"{CTL} detach 1-13")[0] == 3
    assert host.run(f"{CTL} attach {left.port} win01")[0] == 5
    assert "did you mean 'win10'?" in host.run(f"{CTL} attach {left.port} win01")[1]
    assert host.run(f"{CTL} frobnicate")[0] == 2
    assert host.run(f"{CTL} attach {left.port}")[0] == 2


def test_refused_by_the_second_guest_it_stays_with_the_first(host):
    host.define_guest("tiny", ports=1)
    try:
        configure(host, "tiny", '[[usb]]\nport = "1-9"\n')
        ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
        enable(host, "tiny")
        look.start_guest(host, "tiny")
        full = look.plug(host, "usb-tablet", "full", 9)
        guest_has(host, "tiny", full)
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        guest_has(host, "win10", mouse)
        status, text = host.run(f"{CTL} attach {mouse.port} tiny")
        assert status == 1
        assert "all 1 USB ports of the guest are taken" in text
        assert "win10 has it again" in text
        guest_has(host, "win10", mouse)
    finally:
        host.run("virsh -q destroy tiny; systemctl disable --now usb-hotplug@tiny.target; virsh -q undefine tiny")


def test_hostile_strings_are_only_text(host):
    ready(host, "win10", '[[usb]]\nserial = "*"\n')
    strings = ["a'b\"c", "<x/>]]>", "$(reboot)", "\x1b[31mred", "%s%n", "-rf", "a\nUSB_HOTPLUG_X=1",
               "x" * 126]
    for number, serial in enumerate(strings):
        host.plug("usb-serial", f"evil{number}", port=3 + number, serial=serial)
    evil = [look.device(host, 3 + number) for number in range(len(strings))]
    for device in evil:
        guest_has(host, "win10", device)
        assert row(host, device)["STATE"] == "attached"
        properties = host.must(f"udevadm info {device.node} -q property").splitlines()
        ours = {line.split("=")[0] for line in properties if line.startswith("USB_HOTPLUG")}
        assert ours == {"USB_HOTPLUG_GUESTS", "USB_HOTPLUG_UNIT"}
    text = host.must(f"{CTL} list; for port in {' '.join(d.port for d in evil)}; do {CTL} explain $port; done")
    assert "\x1b" not in text
    assert host.must("journalctl -F USB_HOTPLUG_X; udevadm info --export-db | grep -c '^E: USB_HOTPLUG_X' || true") == "0\n"
    assert look.units(host) == {device.unit: "active" for device in evil}
