# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the tests break things at a chosen moment, and what has to be true when the dust has settled."""
import contextlib
import dataclasses
import threading

import look

from story import guest_has
from testhost import Failed

# With its sockets, or the next client would start it again.
LIBVIRTD = "libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket"
LIBVIRTD_START = "systemctl start libvirtd.socket libvirtd.service"

# src/base/log.h
DETACH_FAILED = "94b3e07c15da4f628c7f1e6d20a8b5f3"
ATTACH_FAILED = "c1d86f4ea27b4935b8e05d3a7f924c18"
LEFT_BEHIND = "6fbc07ed8f3b4cf8bb4f14f5746dc0a8"

# For scripts that wait for a moment: no program is started between two looks, because that takes longer
# than the moment lasts.
MOMENTS = r"""
worker() {      # the worker that is running this verb; sets pid
    local file program verb
    for file in /sys/fs/cgroup/system.slice/system-usb*hotplug.slice/usb-hotplug@dev-*.service/cgroup.procs; do
        while read -r pid; do
            { read -rd '' program && read -rd '' verb; } </proc/$pid/cmdline || continue
            [[ $program != */usb-hotplug-worker || $verb != "$1" ]] || return 0
        done <$file
    done 2>/dev/null
    return 1
}
record() {      # any device's
    local files=(/run/usb-hotplug/attached/*)
    [ -e "${files[0]}" ]
}
driver() {      # what has the first interface of the device at this port: a driver's name, or nothing
    local name
    for name in usbhid usbfs; do
        [ ! /sys/bus/usb/devices/$1:1.0/driver -ef /sys/bus/usb/drivers/$name ] || { found=$name; return 0; }
    done
    found=
}
until_true() { # at most for a minute
    local end=$((SECONDS + 60))
    until "$@"; do [ $SECONDS -lt $end ] || { echo "did not come: $*"; exit 1; }; done
}
with_guest() { driver $1; record && [[ $found != usbhid ]]; }
with_host() { driver $1; [[ $found == usbhid ]]; }
"""

# The moments of an attach.
STARTS = "until_true worker attach"
RECORDED = "until_true record; worker attach"
TAKEN = "until_true with_guest 1-3; worker attach"


@contextlib.contextmanager
def beside(host, script, timeout=180):
    """Runs a script inside while the block runs, which begins after the script has; the script has to succeed."""
    result = []
    thread = threading.Thread(target=lambda: result.append(
        host.run(f"{MOMENTS}\n: >/run/beside\n{script}", timeout)), daemon=True)
    host.must("rm -f /run/beside; mkdir -p /run/usb-hotplug/attached")
    thread.start()
    host.wait("test -e /run/beside", 30)
    try:
        yield
    finally:
        thread.join(timeout + 60)
    if not result or result[0][0] != 0:
        raise Failed(f"beside: {script}\n{result}")


@dataclasses.dataclass
class Scene:
    """What there is of ours, everywhere at about one time."""
    units: dict     # those that are not inactive, with their states
    records: set
    aliases: dict   # of each running guest, the aliases of its USB hostdevs, sorted
    failed: list    # units of the whole machine

    def __str__(self):
        return f"units {self.units}, records {self.records}, hostdevs {self.aliases}, failed {self.failed}"


SCENE = """systemctl list-units --all --plain --no-legend --no-pager --full 'usb-hotplug@dev-*.service'
echo @@; ls /run/usb-hotplug/attached 2>/dev/null
echo @@; systemctl list-units --failed --plain --no-legend --no-pager --full
cd /run/libvirt/qemu && for file in *.xml; do [ ! -e $file ] || { echo "@@${file%.xml}"; cat $file; }; done"""


def scene(host):
    units, records, failed, *guests = host.must(SCENE).split("@@")
    rows = [line.split() for line in units.splitlines() if line]
    aliases = {}
    for text in guests:
        name, _, xml = text.partition("\n")
        aliases[name] = sorted(entry["alias"] for entry in look.parse_hostdevs(xml))
    return Scene({words[0]: words[2] for words in rows if words[2] != "inactive"}, set(records.split()), aliases,
                 [line.split()[0] for line in failed.splitlines() if line])


def right(host, wanted, timeout=90, foreign=()):
    """Waits until each running guest has exactly what is wanted, {"win10": [device…]}, and that from every side.

    foreign: aliases that are not ours and are there, too.
    """
    devices = [device for found in wanted.values() for device in found]
    last = None

    def is_right():
        nonlocal last
        last = scene(host)
        return (last.units == {device.unit: "active" for device in devices}
                and last.records == {device.instance for device in devices} and not last.failed
                and set(wanted) <= set(last.aliases)
                and all(sorted(device.alias for device in wanted.get(guest, ())) ==
                        [alias for alias in aliases if alias not in foreign]
                        for guest, aliases in last.aliases.items()))
    try:
        host.wait(is_right, timeout, f"exactly this: {wanted}")
    except Failed as failure:
        raise Failed(f"{failure}\nwhat there is: {last}") from None
    for guest in last.aliases:
        for device in wanted.get(guest, ()):
            guest_has(host, guest, device, 5)
        aliases = [alias for alias in look.qemu_usb(host, guest) if alias not in foreign]
        assert sorted(aliases) == sorted(device.alias for device in wanted.get(guest, ())), f"what {guest}'s QEMU has"
    assert look.failed_units(host) == []


def agreed(host, device, guest="win10"):
    """Waits until the unit, the record, the guest and the driver all tell the same, for good: who has the device?"""
    def agree():
        now = scene(host)
        ours = now.units.get(device.unit) == "active"
        signs = (now.records == {device.instance}, now.aliases[guest] == [device.alias], look.taken(host, device.port))
        return signs == (ours, ours, ours) and ("the guest" if ours else "the host")
    owner = host.wait(agree, 60, "unit, record, guest and driver to tell the same")
    host.must("sleep 4")
    return owner if agree() == owner else host.wait(agree, 60, "them to tell the same again")


def quiet(host):
    """No unit of ours is on its way."""
    return host.run("[ -z \"$(systemctl list-jobs --no-legend 'usb-hotplug*')\" ]")[0] == 0


def calm(host):
    """Waits until the kernel's devices have been the same for a while, and returns them."""
    last = []

    def same():
        nonlocal last
        before, last = last, host.must("udevadm settle; sleep 1.5") or look.devices(host)
        return last == before
    host.wait(same, 60, "devices to come and go no more")
    return last


def watcher_pid(host, guest="win10"):
    return int(look.unit(host, f"usb-hotplug-guest@{guest}.service")["MainPID"])


def private_memory(host, pid):
    """KiB that a process has for itself."""
    lines = host.must(f"cat /proc/{pid}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def open_files(host, pid):
    return int(host.must(f"ls /proc/{pid}/fd | wc -l"))
