# SPDX-License-Identifier: LGPL-2.1-or-later
"""Twenty guests and a hundred devices, on a machine of its own with two USB controllers. Only with -m scale."""
import time

import image
import look
import product
import pytest

from faults import private_memory, quiet, watcher_pid
from testhost import TestHost

# Of one controller, with hubs behind hubs; its 64 slots are taken by 10 hubs and 50 devices.
HUBS = ["1", *(f"1.{port}" for port in range(1, 8)), "1.7.1", "1.7.1.1"]
PLACES = [*(f"1.{hub}.{port}" for hub in range(1, 7) for port in range(1, 9)), "1.7.1.1.1", "1.7.1.1.2"]
OTHERS = [f"other{number:02}" for number in range(18)]
TAKEN = "USB ports of the guest are taken"
LIMIT = 1500


@pytest.fixture(scope="module")
def big(suite):
    """win10 has ports for all that it wants, linux for 15 of its 50; 18 others would come first, but are not on."""
    with TestHost(image.make(suite), controllers=2) as host:
        host.install(product.make(suite))
        host.define_guest("win10", controllers=4)
        host.define_guest("linux")
        host.define_guest("off")
        for number, guest in enumerate(OTHERS):
            domain = "off" if number % 2 else f"missing{number}"
            host.write(f"/etc/usb-hotplug/{guest}.toml",
                       f'[guest]\ndomain = "{domain}"\npriority = {number + 1}\n[[usb]]\nall = true\n')
        host.write("/etc/usb-hotplug/win10.toml", "[[usb]]\nbus = 1\n")
        host.write("/etc/usb-hotplug/linux.toml", "[[usb]]\nbus = 3\n")
        host.must("virsh -q start win10; virsh -q start linux")
        guests = ["win10", "linux", *OTHERS]
        host.must(f"systemctl -q enable --now {' '.join(f'usb-hotplug@{guest}.target' for guest in guests)}", 300)
        for guest in guests:
            host.wait(f"systemctl -q is-active usb-hotplug-guest@{guest}.service", 60, f"the watcher of {guest}")
        yield host


def plug(host, places):
    """Plugs devices in, and first the hubs that they are behind. places: (controller, port) of each."""
    hubs = [(controller, hub) for controller in ("xhci", "xhci2") for hub in HUBS
            if any(c == controller and port.startswith(f"{hub}.") for c, port in places)]
    for driver, found in (("usb-hub", hubs), ("usb-mouse", places)):
        for controller, port in found:
            host.plug(driver, f"{driver}-{controller}-{port.replace('.', '-')}", port=port, bus=f"{controller}.0")


def states(host):
    """What usb-hotplugctl says of every device but hubs: {port: line}."""
    lines = host.must("usb-hotplugctl list", 300).splitlines()
    return {line.split()[0]: line for line in lines if "0627:0001" in line}


def settled(host, count, limit):
    """Waits until each device is attached or was told that there is no port; returns the lines of the list."""
    last = {}

    def done():
        nonlocal last
        if not quiet(host):
            return False
        last = states(host)
        return len(last) == count and all(" attached " in line or TAKEN in line for line in last.values())
    try:
        host.wait(done, limit, f"{count} devices to be attached or refused")
    except AssertionError:
        raise AssertionError("\n".join([f"{len(last)} of {count} in {limit} s:", *last.values()])) from None
    return last


@pytest.mark.scale
def test_one_ten_and_a_hundred_devices(big, figure):
    places = [(controller, port) for port in PLACES for controller in ("xhci", "xhci2")]
    for count in (1, 10, 100):
        started = time.monotonic()
        plug(big, places[:count])
        lines = settled(big, count, LIMIT)
        took = time.monotonic() - started
        attached = sum(" attached " in line for line in lines.values())
        figure(f"scale, {count} devices of 20 guests",
               f"{took:.0f} s, {took / count:.1f} s each; {attached} attached, {count - attached} without a port")
        assert attached == (65 if count == 100 else count)
        for guest in ("win10", "linux"):
            assert len(look.attached(big, guest)) == sum(f" {guest} " in line and " attached " in line
                                                         for line in lines.values())
        if count == 100:
            started = time.monotonic()
            states(big)
            figure("scale, usb-hotplugctl list of 100 devices", f"{time.monotonic() - started:.1f} s")
            private = [private_memory(big, watcher_pid(big, guest)) for guest in ("win10", "linux", *OTHERS)]
            figure("scale, private memory of the watchers",
                   f"{private[0]} and {private[1]} KiB of guests that run, {min(private[2:])} to {max(private[2:])} KiB "
                   f"of others; {sum(private)} KiB together")
        started = time.monotonic()
        big.unplug_all()
        big.wait(lambda: look.devices(big) == [] and look.units(big) == {} and quiet(big), LIMIT, "all to be gone")
        figure(f"scale, {count} devices pulled out", f"{time.monotonic() - started:.0f} s")
        for guest in ("win10", "linux"):
            assert look.hostdevs(big, guest) == []
        assert look.failed_units(big) == []
