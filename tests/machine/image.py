#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the disk of the test machine: a small Debian with libvirt, built once per suite and kept.

    image.py [bookworm|trixie]      needs mmdebstrap, e2fsprogs, qemu-system-x86 and root

What it makes lies in BUILD/testhost/SUITE, where BUILD is the environment's
USB_HOTPLUG_BUILD or the folder "build" of the source tree. A hash of the recipe stands
beside it, so that a changed list of packages makes a new disk.
"""
import contextlib
import dataclasses
import fcntl
import hashlib
import inspect
import os
import pathlib
import shutil
import subprocess
import sys
import time

from testhost import Failed, TestHost

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("USB_HOTPLUG_BUILD", SOURCE / "build")).resolve()
SUITES = ("bookworm", "trixie")
SIZE = "3G"     # sparse; the tree takes about half of it

PACKAGES = [
    # the machine
    "systemd", "systemd-sysv", "udev", "dbus", "linux-image-amd64", "initramfs-tools", "kmod",
    "procps", "util-linux", "e2fsprogs", "ncurses-base", "polkitd",
    # the guests
    "libvirt-daemon-system", "libvirt-clients", "qemu-system-x86", "usbutils",
    # what the product links
    "libtomlplusplus3", "libpugixml1v5", "libsmartcols1", "libvirt0", "libsystemd0",
]
SUITE_PACKAGES = {
    # usb.ids and the names in udev's hardware database come along with udev on trixie
    "bookworm": ["libre2-9"],
    "trixie": ["libre2-11", "libvirt-daemon-driver-qemu", "libvirt-daemon-log"],
}

# Files of the machine. The first group must be there before the kernel is installed.
EARLY_FILES = {
    # The disk's driver and file system are all that the initial RAM disk needs; everything
    # that is not in it need not be unpacked by an emulated processor. USB is left to the
    # real root, so that devices plugged before boot come by coldplug, as on most hosts.
    "etc/initramfs-tools/conf.d/testhost": "MODULES=list\nRESUME=none\n",
    "usr/share/initramfs-tools/modules.d/testhost": "virtio_pci\nvirtio_blk\ncrc32c_generic\next4\n",
}
FILES = {
    "etc/hostname": "testhost\n",
    "etc/hosts": "127.0.0.1 localhost testhost\n",
    # Nothing to write the journal to that would outlive the machine.
    "etc/systemd/journald.conf.d/testhost.conf":
        "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nRuntimeMaxUse=64M\n",
    # The agent takes the number of a command, runs the script of that number from the shared
    # folder and answers with its exit status; see testhost.py.
    "usr/local/libexec/testhost-agent": """#!/bin/bash
mkdir -p /run/testhost
until mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /run/testhost; do sleep 0.2; done
exec 3<>/dev/hvc0
stty -F /dev/hvc0 raw -echo
echo ready >&3
while read -r number seconds <&3; do
    (
        timeout --kill-after=5 "$seconds" bash /run/testhost/command-$number \\
            >/run/testhost/output-$number 2>&1 </dev/null 3>&-
        echo "done $number $?" >&3
    ) &
done
""",
    "etc/systemd/system/testhost-agent.service": """[Unit]
Description=Runs what the tests ask for
After=basic.target dev-hvc0.device
Wants=dev-hvc0.device
[Service]
ExecStart=/usr/local/libexec/testhost-agent
Environment=HOME=/root LANG=C.UTF-8 PAGER=cat SYSTEMD_PAGER= SYSTEMD_COLORS=0 COLUMNS=200
WorkingDirectory=/root
# Commands that tests leave in the background are the tests' business.
KillMode=process
Restart=always
TasksMax=infinity
[Install]
WantedBy=multi-user.target
""",
}
MASKED = [
    # Work that has no place on a machine that lives for minutes.
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "e2scrub_reap.service", "fstrim.timer", "man-db.timer", "systemd-tmpfiles-clean.timer",
    # Guests here have no operating system that would answer a request to shut down;
    # rebooting would wait five minutes for them.
    "libvirt-guests.service",
    # Nobody logs in.
    "getty@tty1.service", "serial-getty@ttyS0.service", "serial-getty@hvc0.service",
]
ENABLED = ["testhost-agent.service"]


@dataclasses.dataclass(frozen=True)
class Image:
    """What TestHost boots. root is the tree that the disk was made from, where it is still needed."""
    suite: str
    folder: pathlib.Path

    @property
    def disk(self):
        return self.folder / "disk.img"

    @property
    def kernel(self):
        return self.folder / "vmlinuz"

    @property
    def initrd(self):
        return self.folder / "initrd.img"

    @property
    def root(self):
        return self.folder / "root"


def host_suite():
    """The suite this program runs on: what is built for it needs no chroot."""
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.split("=", 1)[1].strip('"')
    return ""


def log(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def command(arguments, log_file, **options):
    """Runs a long program quietly; what it said is shown when it fails."""
    with open(log_file, "ab") as output:
        status = subprocess.run([str(word) for word in arguments], stdin=subprocess.DEVNULL,
                                stdout=output, stderr=output, check=False, **options).returncode
    if status != 0:
        tail = pathlib.Path(log_file).read_text(errors="replace")[-6000:]
        raise RuntimeError(f"{arguments[0]}: exit status {status}; the end of {log_file}:\n{tail}")


def package_sources(suite):
    """Lines for the suite's sources.list, from the servers that this machine's apt uses."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(LABEL)|$(CODENAME)|$(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=True).stdout
    main = security = None
    for line in targets.splitlines():
        label, codename, uri = line.split("|")
        if label == "Debian" and codename in SUITES:
            main = main or uri
        elif label == "Debian-Security":
            security = security or uri
    if not main:
        raise RuntimeError("apt knows no Debian packages; run: apt-get update")
    keys = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    lines = [f"deb {keys} {main} {suite} main"]
    if security:
        lines.append(f"deb {keys} {security} {suite}-security main")
    return "\n".join(lines) + "\n"


def recipe(suite):
    """A hash of all that decides what is on the suite's disk."""
    steps = [inspect.getsource(step) for step in (make_tree, make_disk, settle)]
    return hashlib.sha256(repr((PACKAGES, SUITE_PACKAGES[suite], EARLY_FILES, FILES, MASKED, ENABLED, SIZE,
                                steps)).encode()).hexdigest()


def write_files(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)


def make_tree(suite, folder, log_file):
    """The root file system, as a folder."""
    root, early = folder / "root", folder / "early"
    write_files(early, EARLY_FILES)
    (folder / "sources.list").write_text(package_sources(suite))
    packages = ",".join(PACKAGES + SUITE_PACKAGES[suite])
    # In a mount namespace: whoever searches this machine's files would keep the new root's /proc busy.
    command(["unshare", "--mount", "--propagation", "private", "mmdebstrap", "--mode=root", "--variant=minbase", f"--include={packages}",
             "--aptopt=Acquire::Check-Valid-Until \"false\"", "--aptopt=Acquire::Languages \"none\"",
             "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
             "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=force-unsafe-io",
             f"--setup-hook=cp -a {early}/. \"$1\"/",
             suite, root, folder / "sources.list"], log_file)
    write_files(root, FILES)
    # libvirt's own network needs a DHCP server that is not installed.
    (root / "etc/libvirt/qemu/networks/autostart/default.xml").unlink(missing_ok=True)
    for verb, units in (("mask", MASKED), ("enable", ENABLED)):
        command(["systemctl", f"--root={root}", verb, *units], log_file)


def make_disk(image, log_file):
    """The tree as a disk, with the kernel beside it because QEMU loads it from there."""
    for name, kind in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
        found = sorted((image.root / "boot").glob(kind))
        if len(found) != 1:
            raise RuntimeError(f"{image.root}/boot: expected one {kind}, found {len(found)}")
        shutil.copy(found[0], image.folder / name)
    command(["mke2fs", "-q", "-t", "ext4", "-O", "^metadata_csum,^has_journal", "-E", "lazy_itable_init=1",
             "-m", "0", "-L", "root", "-d", image.root, image.disk, SIZE], log_file)


def settle(image):
    """Boots the disk once for real, so that what happens at a first boot is not repeated at every one.

    libvirt asks QEMU what it can do, which takes an emulated processor long, and keeps the answer.
    """
    with TestHost(image, writable=True) as host:
        host.must("virsh capabilities >/dev/null; virsh domcapabilities --virttype qemu --machine q35 >/dev/null", 300)
        host.power_off()


@contextlib.contextmanager
def lock(path):
    """Two runs must not make the same image at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make(suite):
    """The image of a suite, made now if there is none that fits the recipe."""
    if suite not in SUITES:
        raise ValueError(f"no suite {suite}; there are {', '.join(SUITES)}")
    folder = BUILD / "testhost" / suite
    with lock(BUILD / "testhost" / f"{suite}.lock"):
        stamp = folder / "recipe"
        if stamp.exists() and stamp.read_text() == recipe(suite):
            return Image(suite, folder)
        started = time.monotonic()
        log(f"making the disk of the {suite} machine")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        image, log_file = Image(suite, folder), folder / "make.log"
        make_tree(suite, folder, log_file)
        treed = time.monotonic()
        make_disk(image, log_file)
        disked = time.monotonic()
        try:
            settle(image)
        except Failed as failure:       # seen on a machine that had no time for the emulated one
            log(f"{suite}: the first boot failed, once more: {str(failure)[:200]}")
            make_disk(image, log_file)
            settle(image)
        if suite == host_suite():
            shutil.rmtree(image.root)       # only a foreign suite's tree is used again, to build in
        stamp.write_text(recipe(suite))
        log(f"{suite}: packages {treed - started:.0f} s, disk {disked - treed:.0f} s, "
            f"first boot {time.monotonic() - disked:.0f} s")
        return image


if __name__ == "__main__":
    for name in sys.argv[1:] or SUITES:
        print(make(name).folder)
