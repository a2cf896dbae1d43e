# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rule language on a real kernel: what udev, sysfs and the hardware database really say."""
import look

from story import configure, guest_has, host_has, ready

SERIAL = "0403:6001"    # QEMU's usb-serial
CARDS = "08e6:4433"     # and its usb-ccid


def test_every_kind_of_rule_brings_its_device_and_no_other(host):
    host.write("/run/udev/rules.d/50-test.rules", 'SUBSYSTEM=="usb", ATTR{serial}=="Tagged", TAG+="for-guests"\n')
    host.must("udevadm control --reload")
    # By line, so that what was decided can be told from what happened to fit.
    rules = ['id = ["dead:beef", "08e6:*"]', 'port = "1-4"', 'port = "1-5.*"', 'serial = "The-One"',
             'interface = { class = "vendor-specific" }', 'product = { regex = ".* (keyboard|piano)" }\nbus = 1',
             'property = { ID_MODEL = "*Tablet" }', 'tag = "for-guests"\ndriver = "usbhid"\nspeed = "high"']
    ready(host, "win10", "".join(f"[[usb]]\n{rule}\n" for rule in rules))
    look.plug(host, "usb-hub", "hub", 5)
    wanted = {
        rules[0]: look.plug(host, "usb-ccid", "cards", 3),
        rules[1]: look.plug(host, "usb-mouse", "ported", 4),
        rules[2]: look.plug(host, "usb-mouse", "behind", "5.2"),
        rules[3]: look.plug(host, "usb-mouse", "serial", 6, serial="The-One"),
        rules[4]: look.plug(host, "usb-serial", "line", 7),
        rules[5]: look.plug(host, "usb-kbd", "keys", 8),
        rules[6]: look.plug(host, "usb-tablet", "tablet", 9),
        rules[7]: look.plug(host, "usb-mouse", "tagged", 10, serial="Tagged"),
    }
    other = look.plug(host, "usb-mouse", "other", 11, serial="The-Other")
    for device in wanted.values():
        guest_has(host, "win10", device)
    host_has(host, other)
    rows = {line.split()[0]: line for line in host.must("usb-hotplugctl list").splitlines()}
    line = 1
    for rule, device in wanted.items():
        assert f"line {line}" in rows[device.port], rule
        line += 1 + len(rule.splitlines())
    host.must("rm /run/udev/rules.d/50-test.rules; udevadm control --reload")


def test_twins_are_told_apart_by_their_port(host):
    ready(host, "win10", '[[usb]]\nport = "1-4"\n')
    left = look.plug(host, "usb-mouse", "left", 3, serial="0001")
    right = look.plug(host, "usb-mouse", "right", 4, serial="0001")
    assert left.id == right.id
    guest_has(host, "win10", right)
    host_has(host, left)
    assert look.attached(host, "win10").keys() == {right.instance}


def test_of_twins_each_comes_and_goes_by_itself(host):
    ready(host, "win10", '[[usb]]\nserial = "0001"\n')
    left = look.plug(host, "usb-serial", "left", 3, serial="0001")
    guest_has(host, "win10", left)
    right = look.plug(host, "usb-serial", "right", 4, serial="0001")
    guest_has(host, "win10", right)
    guest_has(host, "win10", left)
    host.unplug("left")
    look.gone(host, left)
    host.wait(lambda: look.attached(host, "win10").keys() == {right.instance}, what="the one that left to be gone")
    guest_has(host, "win10", right, timeout=1)
    host.must(f"systemctl stop {right.unit}")
    host_has(host, right, driver="ftdi_sio")


def test_a_rule_by_the_connectors_other_port(host):
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    peer = host.must("basename $(readlink /sys/bus/usb/devices/usb1/1-0:1.0/usb1-port3/peer)").strip()
    bus, port = peer.removeprefix("usb").split("-port")
    assert bus != "1"
    ready(host, "win10", f'[[usb]]\nport = "{bus}-{port}"\n')
    guest_has(host, "win10", mouse)


def test_a_device_that_changes_its_mode_stays_with_its_guest(host):
    ready(host, "win10", f'[guest]\ngrace = "5min"\n[[usb]]\nid = ["{SERIAL}", "{CARDS}"]\n')
    ready(host, "linux", f'[guest]\npriority = 9\n[[usb]]\nid = "{CARDS}"\n')
    first = look.plug(host, "usb-serial", "first", 3)
    guest_has(host, "win10", first)
    host.unplug("first")
    look.gone(host, first)
    second = look.plug(host, "usb-ccid", "second", 3)
    guest_has(host, "win10", second)
    assert "after its last device at this port" in host.must(f"usb-hotplugctl explain {second.port}")

    # Elsewhere, and when there is no grace, the order of the guests counts.
    host.unplug("second")
    look.gone(host, second)
    elsewhere = look.plug(host, "usb-ccid", "elsewhere", 4)
    guest_has(host, "linux", elsewhere)
    configure(host, "win10", f'[guest]\ngrace = 0\n[[usb]]\nid = ["{SERIAL}", "{CARDS}"]\n')
    again = look.plug(host, "usb-ccid", "again", 3)
    guest_has(host, "linux", again)
