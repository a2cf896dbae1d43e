# SPDX-License-Identifier: LGPL-2.1-or-later
"""USB disks for a guest as disks: what the guest gets, what the host keeps its hands off, and whose the data are.

The guests have no operating system, which shows what happens to a disk whose guest never answers (virtio); on the
buses "usb" and "scsi" QEMU lets go at once. What a guest would write, QEMU writes for it.
"""
import hashlib
import random
import re
import struct
import xml.etree.ElementTree as ElementTree

import look
import pytest

from story import ready

SIZE = 4 << 20
SERIAL = "DISK0001"


def image(host, name, seed=1):
    """A file for a disk, with known bytes."""
    path = host.folder / f"{name}.img"
    path.write_bytes(random.Random(seed).randbytes(SIZE))
    return path


def partitioned(host, name):
    """The same with one partition from 1 MiB on, in a table of DOS's kind."""
    path = image(host, name)
    content = bytearray(path.read_bytes())
    content[:512] = bytes(446) + struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\xff\xff\xff", 2048, SIZE // 512 - 2048) \
        + bytes(48) + b"\x55\xaa"
    path.write_bytes(content)
    return path


def plug(host, name="disk1", port=3, serial=SERIAL, file=None, **options):
    """Plugs a writable disk in and waits until the host has it; gives back the kernel's name."""
    file = file or image(host, name)
    host.plug("usb-storage", name, port=port, drive=file, writable=True, serial=serial, **options)
    return disk_of(host, serial)


def disk_of(host, serial, timeout=30):
    """The kernel's name of the disk with this serial number, waited for until udev knows it."""
    def find():
        text = host.must("for each in /sys/class/block/sd*; do [ -e $each ] || continue; "
                         "udevadm info -q property $each | grep -E '^(DEVNAME|DEVTYPE|ID_SERIAL_SHORT)=' | tr '\\n' ' '; "
                         "echo; done")
        for line in text.splitlines():
            found = dict(word.split("=", 1) for word in line.split())
            if found.get("ID_SERIAL_SHORT") == serial and found.get("DEVTYPE") == "disk":
                return found["DEVNAME"].removeprefix("/dev/")
        return None
    return host.wait(find, timeout, f"a disk with serial {serial}")


def alias(disk):
    return f"ua-usb-hotplug-dev-{disk}"


def unit(disk):
    return f"usb-hotplug@dev-{disk}.service"


def disks(host, guest):
    """The disks in the guest's live XML by alias: target, bus, source, serial; none when it is off."""
    xml = host.must(f"cat '/run/libvirt/qemu/{guest}.xml' 2>/dev/null || true")
    found = {}
    for element in ElementTree.fromstring(xml).iterfind(".//devices/disk") if xml else ():
        source, serial = element.find("source"), element.find("serial")
        found[element.find("alias").get("name")] = {
            "target": element.find("target").get("dev"), "bus": element.find("target").get("bus"),
            "source": source.get("dev") or source.get("file"), "serial": None if serial is None else serial.text,
            "read-only": element.find("readonly") is not None}
    return found


def state(host, disk):
    return look.unit(host, f"dev-{disk}")["ActiveState"]


def guest_gets(host, disk, guest="win10", timeout=60):
    """Waits until the guest has the disk; gives back what its XML says."""
    host.wait(lambda: state(host, disk) == "active", timeout, f"{unit(disk)} to be active")
    found = disks(host, guest)[alias(disk)]
    assert alias(disk) in host.must(f"virsh qemu-monitor-command {guest} --hmp 'info block'")
    return found


def host_gets(host, disk, timeout=60, failed=()):
    """Waits until the host has the disk again, and no guest."""
    host.wait(lambda: state(host, disk) == "inactive", timeout, f"{unit(disk)} to be inactive")
    for guest in look.running_guests(host):
        assert alias(disk) not in disks(host, guest)
    assert "USB_HOTPLUG_GUEST=" not in properties(host, disk)
    assert look.failed_units(host) == list(failed)


def properties(host, block):
    return host.must(f"udevadm info -q property /sys/class/block/{block}")


def guest_writes(host, disk, byte, guest="win10"):
    """Writes the second MiB as the guest would, through the device that it sees."""
    place = re.search(rf"/machine/peripheral/{alias(disk)}\S*",
                      host.must(f"virsh qemu-monitor-command {guest} --hmp 'info block'"))[0]
    said = host.must(f"virsh qemu-monitor-command {guest} --hmp 'qemu-io -d {place} \"write -P {byte:#x} 1M 1M\"'")
    assert "rror" not in said, said


def written(byte, seed=1):
    """The disk's checksum after that."""
    content = bytearray(random.Random(seed).randbytes(SIZE))
    content[1 << 20:2 << 20] = bytes([byte]) * (1 << 20)
    return hashlib.sha256(content).hexdigest()


def checksum(host, disk):
    return host.must(f"dd if=/dev/{disk} bs=1M iflag=direct status=none | sha256sum").split()[0]


def rule(more="", serial=SERIAL):
    return f'[[disk]]\nserial = "{serial}"\n{more}\n'


@pytest.mark.everywhere
def test_a_disk_reaches_the_guest_and_comes_back_with_what_was_written(host):
    ready(host, "win10", rule('bus = "usb"\ntarget = "sdc"'))
    disk = plug(host)
    found = guest_gets(host, disk)
    assert found == {"target": "sdc", "bus": "usb", "serial": SERIAL, "read-only": False,
                     "source": f"/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_{SERIAL}-0:0"}
    assert look.unit(host, f"dev-{disk}")["StatusText"] == (
        f"win10 has disk /dev/{disk}, 4 MiB, serial {SERIAL} at port 2-3")
    for line in ("USB_HOTPLUG_GUEST=win10", "UDISKS_IGNORE=1", "UDISKS_AUTO=0"):
        assert line in properties(host, disk).splitlines()
    listed = host.must("usb-hotplugctl list")
    assert re.search(rf"/dev/{disk} .*disk, 4 MiB, serial {SERIAL} +win10 +attached", listed), listed

    guest_writes(host, disk, 0x5a)
    host.must(f"systemctl stop {unit(disk)}")
    host_gets(host, disk)
    assert checksum(host, disk) == written(0x5a)
    left = properties(host, disk).splitlines()
    assert "UDISKS_IGNORE=1" not in left and "UDISKS_AUTO=0" in left

    # What the stop does to the disk starts nothing.
    host.must(f"udevadm trigger --settle --action=change /dev/{disk}")
    host.holds(lambda: state(host, disk) == "inactive", 3, "stopped")
    host.must(f"systemctl start {unit(disk)}")
    guest_gets(host, disk)


def test_virtio_is_the_default_and_a_guest_that_never_answers_is_a_clear_error(host):
    ready(host, "win10", rule())
    disk = plug(host)
    try:
        found = guest_gets(host, disk)
        assert (found["target"], found["bus"]) == ("vda", "virtio")
        guest_writes(host, disk, 0x77)
        status, _ = host.run(f"systemctl stop {unit(disk)}", 120)
        assert status == 0          # systemd says so of every stop
        says = look.unit(host, f"dev-{disk}")
        assert "win10 does not let go of disk" in host.must(f"journalctl -b -o cat -u {unit(disk)}")
        assert says["ActiveState"] in ("failed", "activating", "active")
        # The guest has it all the same, and nobody else gets it.
        assert alias(disk) in disks(host, "win10")

        status, text = host.run(f"usb-hotplugctl detach --force /dev/{disk}", 120)
        assert status == 0 and "Warning: win10 does not let go" in text, text
        assert checksum(host, disk) == written(0x77)
        assert "USB_HOTPLUG_GUEST=" not in properties(host, disk)
        assert "Input/output error" in host.must(
            f"virsh qemu-monitor-command win10 --hmp 'qemu-io -d /machine/peripheral/{alias(disk)}/virtio-backend "
            "\"write -P 1 1M 1M\"' 2>&1; tail -n 2 /var/log/libvirt/qemu/win10.log")
        assert checksum(host, disk) == written(0x77)
        host.holds(lambda: state(host, disk) != "active", 8, "stays with the host")
        assert re.search(r"released +cut off from win10", host.must("usb-hotplugctl list"))
    finally:
        look.destroy_guest(host, "win10")
    host_gets(host, disk)
    look.start_guest(host, "win10")
    guest_gets(host, disk)
    look.destroy_guest(host, "win10")
    host_gets(host, disk)


def test_guest_off_and_on(host):
    ready(host, "win10", rule('bus = "usb"'), running=False)
    disk = plug(host)
    host.wait(lambda: "waiting for win10, which is off" in look.unit(host, f"dev-{disk}")["StatusText"], what="waiting")
    look.start_guest(host, "win10")
    guest_gets(host, disk)
    look.destroy_guest(host, "win10")
    host_gets(host, disk)
    look.start_guest(host, "win10")
    guest_gets(host, disk)


def test_a_disk_that_the_host_uses_is_not_taken(host):
    """Mounted, swap, and part of something of the device mapper's: each is named."""
    ready(host, "win10", rule('bus = "usb"'), running=False)
    disk = plug(host)
    host.must(f"mkfs.ext4 -q /dev/{disk}; mkdir -p /mnt/held; mount /dev/{disk} /mnt/held")
    try:
        look.start_guest(host, "win10")
        host.wait(lambda: state(host, disk) == "failed", 60, "the unit to fail")
        assert f"/dev/{disk} is mounted at /mnt/held" in look.unit(host, f"dev-{disk}")["StatusText"]
        assert alias(disk) not in disks(host, "win10")
        host.must("umount /mnt/held")
        host.must(f"mkswap -q /dev/{disk} 2>/dev/null; swapon /dev/{disk}")
        assert host.run(f"systemctl start {unit(disk)}")[0] != 0
        assert f"/dev/{disk} is swap" in look.unit(host, f"dev-{disk}")["StatusText"]
        host.must(f"swapoff /dev/{disk}")
        if host.run("command -v dmsetup && modprobe dm-mod")[0] == 0:
            host.must(f"dmsetup create vault --table '0 2048 linear /dev/{disk} 0'")
            assert host.run(f"systemctl start {unit(disk)}")[0] != 0
            assert f"/dev/{disk} is part of vault (dm-" in look.unit(host, f"dev-{disk}")["StatusText"]
            host.must("dmsetup remove vault")
        host.must(f"systemctl start {unit(disk)}")
        guest_gets(host, disk)
    finally:
        host.run(f"umount /mnt/held; swapoff /dev/{disk}; dmsetup remove vault; systemctl reset-failed")


@pytest.mark.thorough
def test_force_takes_a_disk_that_the_host_uses(host):
    ready(host, "win10", rule('bus = "usb"\nforce = true\nread-only = true'), running=False)
    disk = plug(host)
    host.must(f"mkfs.ext4 -q /dev/{disk}; mkdir -p /mnt/held; mount /dev/{disk} /mnt/held")
    try:
        look.start_guest(host, "win10")
        assert guest_gets(host, disk)["read-only"]
        host.must(f"systemctl stop {unit(disk)}")
        host_gets(host, disk)
    finally:
        host.run("umount /mnt/held")


def test_never_both_as_a_usb_device_and_as_a_disk(host):
    ready(host, "win10", '[[usb]]\nall = true\n' + rule('bus = "usb"'))
    disk = plug(host)
    guest_gets(host, disk)
    usb = look.device(host, 3)
    assert look.hostdevs(host, "win10") == []
    assert look.unit(host, usb.instance)["ActiveState"] == "inactive"
    # Whether the disk was there by then or was still to come.
    assert re.search(r"stays with the host: its disk.* for \[\[disk\]\] rule", look.unit(host, usb.instance)["StatusText"])
    assert re.search(rf"As a USB device it stays with the host: its disk /dev/{disk} is for \[\[disk\]\] rule",
                     host.must(f"usb-hotplugctl explain {usb.port}"))
    # Not by hand either, while the guest has the disk.
    status, text = host.run(f"usb-hotplugctl attach {usb.port} win10")
    assert status == 1 and f"/dev/{disk} is given to win10 as a disk" in text, text
    # Another one, whose disk nobody wants, goes as a USB device as soon as that is known.
    host.plug("usb-storage", "disk2", port=4, drive=image(host, "disk2"), writable=True, serial="OTHER")
    other = look.device(host, 4)
    host.wait(lambda: other.instance in look.attached(host, "win10"), 60, "the other stick")
    assert set(look.attached(host, "win10")) == {other.instance}


@pytest.mark.thorough
def test_two_disks_want_one_target(host):
    ready(host, "win10", '[[disk]]\nserial = "DISK*"\nbus = "usb"\ntarget = "sdb"\n')
    first = plug(host)
    guest_gets(host, first)
    second = plug(host, "disk2", 4, "DISK0002")
    host.wait(lambda: state(host, second) == "failed", 60, "the second to be refused")
    says = look.unit(host, f"dev-{second}")["StatusText"]
    assert f"its sdb is taken, by /dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_{SERIAL}-0:0" in says
    host.must(f"systemctl stop {unit(first)}")
    guest_gets(host, second)
    assert disks(host, "win10")[alias(second)]["target"] == "sdb"


def test_unplugged_while_it_is_written_the_next_plug_works(host):
    ready(host, "win10", rule('bus = "usb"'))
    for turn in range(3):
        disk = plug(host, file=image(host, f"turn{turn}"))
        guest_gets(host, disk)
        writing = (f"( for i in 1 2 3 4 5 6 7 8; do virsh -q qemu-monitor-command win10 --hmp "
                   f"'qemu-io -d /machine/peripheral/{alias(disk)}/{alias(disk)}.0/legacy[0] \"write -P 1 1M 1M\"'; done"
                   ") >/dev/null 2>&1 &")
        host.must(writing)
        host.unplug("disk1")
        host.wait(lambda: disks(host, "win10") == {}, 60, "the guest to have lost it")
        host.wait(lambda: look.units(host).get(unit(disk), "inactive") == "inactive", 60, "the unit to end")
        assert look.failed_units(host) == []
        assert host.must("ls /run/usb-hotplug/attached") == ""


def test_partitions_are_nobodys_while_the_guest_has_the_disk(host):
    ready(host, "win10", rule('bus = "usb"'), running=False)
    disk = plug(host, file=partitioned(host, "disk1"))
    look.start_guest(host, "win10")
    guest_gets(host, disk)
    held = properties(host, f"{disk}1").splitlines()
    assert "UDISKS_IGNORE=1" in held and "SYSTEMD_READY=0" in held
    assert look.unit(host, f"dev-{disk}1.device")["ActiveState"] == "inactive"
    host.must(f"systemctl stop {unit(disk)}")
    host_gets(host, disk)
    held = properties(host, f"{disk}1").splitlines()
    assert "UDISKS_IGNORE=1" not in held and "SYSTEMD_READY=0" not in held
    host.wait(lambda: look.unit(host, f"dev-{disk}1.device")["ActiveState"] == "active", what="the partition's unit")


@pytest.mark.thorough
def test_a_label_of_a_partition(host):
    ready(host, "win10", '[[disk]]\nlabel = "back?p"\nbus = "usb"\n', running=False)
    disk = plug(host, file=partitioned(host, "disk1"))
    host.must(f"udevadm settle; mkfs.ext4 -q -L BACKUP /dev/{disk}1; udevadm settle; sync")
    host.unplug("disk1")
    look.start_guest(host, "win10")
    host.plug("usb-storage", "disk1", port=3, drive=host.folder / "disk1.img", writable=True, serial=SERIAL)
    guest_gets(host, disk_of(host, SERIAL))
