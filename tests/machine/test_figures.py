# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measured, not judged: what the main job costs, beside a shell script doing the same."""
import re
import statistics

import look
import pytest

from story import MOUSE, ready

ROUNDS = 5

# The same job as people do it today: a template unit, started by udev in the same way, whose script
# writes the XML and calls virsh.
SCRIPT_RULE = '''ACTION=="bind", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="0403", \\
  TAG+="systemd", ENV{SYSTEMD_WANTS}+="by-script@dev-bus-usb-$env{BUSNUM}-$env{DEVNUM}.service"
ACTION!="remove", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="0403", TAG+="systemd"
'''
SCRIPT_UNIT = """[Unit]
BindsTo=%i.device
After=%i.device
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /run/by-script attach-device %f
ExecStopPost=/bin/sh /run/by-script detach-device %f
"""
SCRIPT = r"""set -e
node=${2#/dev/bus/usb/}
bus=$(echo ${node%/*} | sed 's/^0*//') device=$(echo ${node#*/} | sed 's/^0*//')
cat >/run/by-script-$bus-$device.xml <<END
<hostdev mode="subsystem" type="usb"><source><address bus="$bus" device="$device"/></source></hostdev>
END
virsh -q $1 win10 /run/by-script-$bus-$device.xml --live
"""


class BindEvents:
    """The kernel's bind events of USB devices, from udevadm monitor, by the monotonic clock."""

    def __init__(self, host):
        self.host = host

    def __enter__(self):
        self.host.must("systemd-run -q --unit=bind-events -p StandardOutput=truncate:/run/bind-events "
                       "udevadm monitor -k -s usb/usb_device; sleep 1")
        return self

    def __exit__(self, *_):
        self.host.must("systemctl stop bind-events")

    def last(self):
        return float(re.findall(r"KERNEL\[([0-9.]+)\] bind ", self.host.must("cat /run/bind-events"))[-1])


def seconds_to_active(host, events, unit_of, driver, id):
    """From the kernel's bind event until systemd has the unit active, both by the monotonic clock."""
    found = look.plug(host, driver, id, 3)
    name = "ActiveEnterTimestampMonotonic"
    state = host.wait(lambda: (now := look.unit(host, unit_of(found), name))["ActiveState"] == "active" and now,
                      60, "the unit to be active")
    seconds = int(state[name]) / 1e6 - events.last()
    host.unplug(id)
    host.wait(lambda: not look.units(host, "*@dev-bus-usb-*.service"), what="the unit to be gone")
    return seconds


@pytest.mark.thorough
@pytest.mark.measured
def test_time_to_attached_against_a_script(host, figure):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.write("/run/udev/rules.d/91-by-script.rules", SCRIPT_RULE)
    host.write("/run/systemd/system/by-script@.service", SCRIPT_UNIT)
    host.write("/run/by-script", SCRIPT)
    host.must("udevadm control --reload; systemctl daemon-reload")
    try:
        ours, script = [], []
        with BindEvents(host) as events:
            for _ in range(ROUNDS + 1):
                ours.append(seconds_to_active(host, events, lambda d: d.unit, "usb-mouse", "mouse"))
                script.append(seconds_to_active(host, events, lambda d: f"by-script@{d.instance}.service",
                                                "usb-serial", "serial"))
    finally:
        host.must("rm -f /run/udev/rules.d/91-by-script.rules /run/systemd/system/by-script@.service; "
                  "udevadm control --reload; systemctl daemon-reload")
    # The first of each loads drivers and fills caches.
    ours, script = statistics.median(ours[1:]), statistics.median(script[1:])
    figure("bind event to attached",
           f"{ours:.2f} s; a template unit with a virsh script {script:.2f} s, {script / ours:.2f} times as long "
           f"(medians of {ROUNDS}, emulated machine)")
    assert ours > 0 and script > 0


@pytest.mark.everywhere
def test_size_and_libraries_of_the_programs(host, figure):
    programs = host.must("ls /usr/libexec/usb-hotplug/* /usr/bin/usb-hotplugctl /lib/udev/usb-hotplug-match").split()
    assert len(programs) == 4
    for program in programs:
        size = int(host.must(f"stat -L -c %s {program}"))
        libraries = sorted(re.findall(r"^\s*(\S+) => ", host.must(f"ldd {program}"), re.MULTILINE))
        figure(f"{program.rsplit('/', 1)[1]}", f"{size // 1024} KiB, {len(libraries)} shared libraries")
        if program.endswith("-match"):
            figure("usb-hotplug-match links", " ".join(libraries))
            assert not any("virt" in name or "systemd" in name for name in libraries)


def test_memory_of_the_watcher(host, figure):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.wait(lambda: mouse.instance in look.attached(host, "win10"), what="the device")
    pid = look.unit(host, "usb-hotplug-guest@win10.service")["MainPID"]
    rollup = dict(re.findall(r"^(\w+): +(\d+) kB", host.must(f"cat /proc/{pid}/smaps_rollup"), re.MULTILINE))
    private = int(rollup["Private_Clean"]) + int(rollup["Private_Dirty"])
    figure("memory of an idle watcher", f"{rollup['Rss']} KiB resident, {private} KiB of it private")
    assert private > 0
    assert host.run("pgrep -f usb-hotplug-worker")[0] == 1, "an attached device costs no process"


@pytest.mark.measured
def test_wake_ups_of_an_idle_watcher(host, figure):
    """libvirt's keepalive, every ten seconds, is the only thing that may wake it."""
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    host.wait(lambda: mouse.instance in look.attached(host, "win10"), what="the device")
    pid = look.unit(host, "usb-hotplug-guest@win10.service")["MainPID"]
    count = f"awk '/^voluntary_ctxt_switches/ {{print $2}}' /proc/{pid}/status"
    # strace would change what it measures: the kernel counts how often it went to sleep.
    host.must("sleep 5")
    before, after = host.must(f"{count}; sleep 61; {count}", timeout=150).split()
    wakes = int(after) - int(before)
    figure("wake-ups of an idle watcher", f"{wakes} in a minute, in which libvirt asks 6 or 7 times whether its "
                                          "daemon is alive")
    # For each of these its timer, and the answer, each of which may take two.
    assert 6 <= wakes <= 7 * 4
