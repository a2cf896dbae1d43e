# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong is said: in the journal with its fields, in systemctl status, and what to do."""
import subprocess

import bootstick
import look
import pytest

from story import MOUSE, configure, enable, guest_has, host_has, messages, ready

# src/base/log.h
ATTACH_FAILED = "c1d86f4ea27b4935b8e05d3a7f924c18"
CONFIGURATION_BROKEN = "e6048bd39c7142f5a3b9d7e1508f2c64"
HYPERVISOR_LOST = "7d15f2a84e9b40c3b6a8c3e09d47518f"
HYPERVISOR_FOUND = "a90c6e3b71f845d28e5b4d7f12c3a096"
GUEST_UNKNOWN = "38e1b9d7c4a64f0cb25f7d80e96a1c53"
ATTACHED = "5a2f0d6b4b5c4e0f9b0f6f7a3d1c8e21"
RETURNED = "b7c41e93a60d4d1c8d2e7f0a9c5b6342"


def failure(host, device, since):
    """Waits until the device's unit has failed; its one message, which its status and ctl repeat."""
    host.wait(lambda: look.unit(host, device.instance)["ActiveState"] == "failed", 60, f"{device.unit} to fail")
    found = messages(host, device, since, MESSAGE_ID=ATTACH_FAILED)
    assert len(found) == 1, "one message per failure"
    message = found[0]
    assert message["USB_HOTPLUG_PORT"] == device.port
    assert message["USB_HOTPLUG_ID"] == device.id
    assert message["USB_HOTPLUG_GUEST"] == "win10"
    assert message["PRIORITY"] == "3"
    text = message["MESSAGE"]
    assert look.unit(host, device.instance)["StatusText"] == text
    assert text[:60] in host.run(f"systemctl status --no-pager --full {device.unit}")[1]
    listed = next(line for line in host.must("usb-hotplugctl list").splitlines() if line.startswith(device.port))
    assert " failed " in listed and text in listed
    return text


def test_attach_and_return_are_in_the_journal_with_their_fields(host):
    since = host.now()
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"systemctl stop {mouse.unit}")
    for message_id, word in ((ATTACHED, "win10 has 0627:0001"), (RETURNED, "The host has 0627:0001")):
        found = messages(host, mouse, since, MESSAGE_ID=message_id)
        assert len(found) == 1
        assert found[0]["MESSAGE"].startswith(word)
        assert (found[0]["USB_HOTPLUG_GUEST"], found[0]["_SYSTEMD_UNIT"]) == ("win10", mouse.unit)
    # The catalog explains it to whoever asks.
    assert "A guest has a USB device" in host.must(f"journalctl -x -o short MESSAGE_ID={ATTACHED}")


def test_broken_configuration(host):
    since = host.now()
    configure(host, "linux", '[guest]\npriority = "high"\n[[usb]]\nid = "0627"\nprot = "1-3"\n')
    host.must("systemctl -q enable usb-hotplug@linux.target; systemctl start usb-hotplug@linux.target")
    watcher = "usb-hotplug-guest@linux.service"
    host.wait(lambda: look.unit(host, watcher)["ActiveState"] == "failed", what="the watcher to fail")
    assert look.unit(host, watcher)["ExecMainStatus"] == "78"
    found = [m["MESSAGE"] for m in messages(host, None, since, MESSAGE_ID=CONFIGURATION_BROKEN,
                                            USB_HOTPLUG_GUEST="linux")]
    places = [message.split(": ")[0] for message in found]
    assert places == ["/etc/usb-hotplug/linux.toml:2:12", "/etc/usb-hotplug/linux.toml:4:6",
                      "/etc/usb-hotplug/linux.toml:5:1"], found
    assert "linux.toml:4:6" in host.run(f"systemctl status --no-pager --full {watcher}")[1]

    # Its own guest only.
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.wait(lambda: mouse.instance in look.attached(host, "win10"), what="the other guest's device")

    # Mended, it works.
    configure(host, "linux", '[guest]\npriority = 9\n[[usb]]\nport = "1-4"\n')
    host.must(f"systemctl start {watcher}")
    look.start_guest(host, "linux")
    guest_has(host, "linux", look.plug(host, "usb-tablet", "tablet", 4))


@pytest.mark.thorough
def test_no_configuration_at_all(host):
    since = host.now()
    host.run("systemctl -q start usb-hotplug@nobody.target")
    host.wait(lambda: look.unit(host, "usb-hotplug-guest@nobody.service")["ActiveState"] == "failed",
              what="the watcher to fail")
    found = messages(host, None, since, MESSAGE_ID=CONFIGURATION_BROKEN, USB_HOTPLUG_GUEST="nobody")
    assert "there is no nobody.toml in /etc/usb-hotplug" in found[0]["MESSAGE"]
    host.must("systemctl stop usb-hotplug@nobody.target; systemctl reset-failed")


def test_reload_of_a_broken_file_keeps_the_rules_before(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    since = host.now()
    configure(host, "win10", "[[usb]\n")
    host.must("systemctl reload usb-hotplug-guest@win10")
    host.wait(lambda: messages(host, None, since, MESSAGE_ID=CONFIGURATION_BROKEN, USB_HOTPLUG_GUEST="win10"),
              what="the error in the journal")
    host.wait(lambda: "win10.toml:1:" in look.unit(host, "usb-hotplug-guest@win10.service")["StatusText"],
              what="the error in the status")
    host.holds(lambda: mouse.instance in look.attached(host, "win10"), 3, "still attached")

    # The rules before the mistake are in force, also for the watcher's next life.
    host.must("systemctl restart usb-hotplug-guest@win10")
    again = look.plug(host, "usb-mouse", "again", 4)
    guest_has(host, "win10", again)
    assert "the rules before stay in force; /etc/usb-hotplug/win10.toml:1:" in look.unit(
        host, "usb-hotplug-guest@win10.service")["StatusText"]

    # Mended, it counts.
    configure(host, "win10", f'[[usb]]\nid = "{MOUSE}"\nport = "1-4"\n')
    host.must("systemctl reload usb-hotplug-guest@win10")
    host.wait(lambda: set(look.attached(host, "win10")) == {again.instance}, what="the mended file to count")
    assert "broken" not in look.unit(host, "usb-hotplug-guest@win10.service")["StatusText"]

    # Disabled, nothing is kept.
    configure(host, "win10", "[[usb]\n")
    host.must("systemctl stop usb-hotplug@win10.target; systemctl start usb-hotplug@win10.target")
    host.wait(lambda: look.unit(host, "usb-hotplug-guest@win10.service")["ExecMainStatus"] == "78",
              what="the watcher to fail")
    host.must("systemctl stop usb-hotplug@win10.target; systemctl reset-failed")


def test_domain_that_libvirt_does_not_know(host):
    since = host.now()
    configure(host, "win10", '[guest]\ndomain = "wni10"\n[[usb]]\nall = true\n')
    enable(host, "win10")
    host.wait(lambda: look.unit(host, "usb-hotplug-guest@win10.service")["StatusText"] ==
              "qemu:///system has no domain 'wni10'; waiting for it to be started", what="the watcher to say so")
    found = messages(host, None, since, MESSAGE_ID=GUEST_UNKNOWN)
    assert [m["USB_HOTPLUG_GUEST"] for m in found] == ["win10"]
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.wait(lambda: "waiting for win10, which its hypervisor does not know" in
              look.unit(host, mouse.instance)["StatusText"], what="the reason")
    host_has(host, mouse)


@pytest.mark.thorough
def test_domain_by_uuid(host):
    uuid = host.must("virsh domuuid win10").strip()
    ready(host, "win10", f'[guest]\ndomain = "{uuid}"\n[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    look.destroy_guest(host, "win10")
    host_has(host, mouse)


def test_libvirtd_not_there(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    since = host.now()
    host.must("systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket")
    try:
        watcher = "usb-hotplug-guest@win10.service"
        host.wait(lambda: "Cannot connect to libvirt at qemu:///system" in look.unit(host, watcher)["StatusText"],
                  what="the watcher to say so")
        assert len(messages(host, None, since, MESSAGE_ID=HYPERVISOR_LOST)) == 1
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        host.wait(lambda: look.unit(host, mouse.instance)["ActiveState"] == "failed", 60, "the unit to fail")
        found = messages(host, mouse, since, MESSAGE_ID=ATTACH_FAILED)
        assert len(found) == 1
        assert "Cannot connect to libvirt at qemu:///system" in found[0]["MESSAGE"]
    finally:
        host.must("systemctl start libvirtd.socket libvirtd.service")
    guest_has(host, "win10", mouse)
    assert len(messages(host, None, since, MESSAGE_ID=HYPERVISOR_FOUND)) == 1


def test_guest_without_a_free_port(host):
    host.define_guest("tiny", ports=1)
    try:
        configure(host, "win10", f'[guest]\ndomain = "tiny"\n[[usb]]\nid = "{MOUSE}"\n')
        enable(host, "win10")
        look.start_guest(host, "tiny")
        first = look.plug(host, "usb-mouse", "first", 3)
        host.wait(lambda: first.instance in look.attached(host, "tiny"), what="the first device")
        since = host.now()
        second = look.plug(host, "usb-tablet", "second", 4)
        text = failure(host, second, since)
        assert "all 1 USB ports of the guest are taken" in text
        assert "<controller type='usb' model='qemu-xhci' ports='15'/>" in text
        # What nobody can mend any more is no failure: unplugged, and likewise not asked for.
        host.unplug("second")
        host.wait(lambda: look.failed_units(host) == [], what="the failure to be forgotten")
        second = look.plug(host, "usb-tablet", "second", 4)
        failure(host, second, since)
        # The port is free again: whoever failed for want of it gets it.
        host.unplug("first")
        host.wait(lambda: look.attached(host, "tiny").keys() == {second.instance}, 60, "the second to have the port")
        host.wait(lambda: look.unit(host, second.instance)["ActiveState"] == "active", 10, "its unit to say so")
        assert look.failed_units(host) == []
        failure(host, look.plug(host, "usb-mouse", "first", 3), since)
        host.must("systemctl stop usb-hotplug@win10.target")
        assert look.failed_units(host) == []
    finally:
        host.run("virsh -q destroy tiny; virsh -q undefine tiny")


def test_device_in_use_by_another_domain(host):
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    look.start_guest(host, "linux")
    host.write("/run/foreign.xml", f"""<hostdev mode="subsystem" type="usb"><source>
<address bus="{mouse.bus}" device="{mouse.device}"/></source></hostdev>""")
    host.must("virsh -q attach-device linux /run/foreign.xml")
    since = host.now()
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    text = failure(host, mouse, since)
    assert "guest linux has it" in text
    assert len(look.hostdevs(host, "linux")) == 1


def test_disk_that_the_host_uses_is_not_taken(host, tmp_path):
    image = tmp_path / "disk"
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext2", str(image), "4M"], check=True)
    ready(host, "win10", '[[usb]]\nport = "1-9"\n')
    stick = look.plug(host, "usb-storage", "stick", 3, drive=str(image), serial="S1")
    disk = host.wait("readlink -e /dev/disk/by-id/usb-*S1*", what="the disk's node").strip()
    host.must(f"mkdir -p '/run/a stick' && mount -o ro {disk} '/run/a stick'")
    try:
        since = host.now()
        configure(host, "win10", '[[usb]]\nserial = "S1"\n')
        host.must("systemctl reload usb-hotplug-guest@win10")
        text = failure(host, stick, since)
        assert f"the host, which uses it: {disk} is mounted at /run/a" in text
        assert look.driver_of(host, stick.port) == "usb-storage"
    finally:
        host.must("umount '/run/a stick'")
    host.must(f"systemctl start {stick.unit}")
    guest_has(host, "win10", stick)


def test_device_that_vanishes_while_it_is_attached(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    since = host.now()
    for pause in (0.0, 0.2, 0.5, 0.9, 1.3, 1.8):
        host.plug("usb-mouse", "mouse", port=3)
        host.must(f"sleep {pause}")
        host.unplug("mouse")
    host.wait(lambda: look.devices(host) == [], what="the last device to go")
    host.wait(lambda: look.hostdevs(host, "win10") == [], 60, "the live XML to be clean")
    host.wait(lambda: look.units(host) == {}, 60, "all units to end")
    host.wait(lambda: host.must("ls /run/usb-hotplug/attached 2>/dev/null || true").strip() == "", what="no record to be left")
    assert look.failed_units(host) == []
    assert messages(host, None, since, MESSAGE_ID=ATTACH_FAILED) == []


def test_guest_uses_the_device(host, tmp_path):
    """The firmware of the guest boots from the stick: what is attached can be used."""
    host.define_guest("booter", boot_usb=True)
    try:
        configure(host, "booter", '[[usb]]\ninterface = { class = 8 }\n')
        enable(host, "booter")
        stick = look.plug(host, "usb-storage", "stick", 6, serial="S1",
                          drive=bootstick.write(tmp_path / "stick", "BOOTED-FROM-USB"))
        look.start_guest(host, "booter")
        guest_has(host, "booter", stick)
        host.must("virsh -q reset booter")
        host.wait(lambda: "BOOTED-FROM-USB" in host.guest_says("booter"), 90, "the stick's word")
        host.must(f"systemctl stop {stick.unit}")
        host_has(host, stick, "usb-storage", guests=("booter",))
    finally:
        host.run("systemctl -q disable --now usb-hotplug@booter.target; virsh -q destroy booter; virsh -q undefine booter")
