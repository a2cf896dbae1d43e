# SPDX-License-Identifier: LGPL-2.1-or-later
"""The main job, shown: what contrib/demo runs once everything is built.

    demo.py SUITE

Every step that has an outcome waits for it, so that a demonstration which ends has also worked.
"""
import sys
import time

import image
import look
import product
from testhost import TestHost

GUEST = "win10"
CONFIGURATION = """[[usb]]
description = "the mouse, wherever it is plugged in"
interface = { class = 3 }
"""


def say(text):
    print(f"\n\033[1m# {text}\033[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)


def show(host, command):
    """Prints a command as if it were typed, and what it says."""
    print(f"root@testhost:~# {command}", flush=True)
    print(host.must(command).rstrip("\n"), flush=True)


def show_guest(host):
    show(host, f"virsh dumpxml {GUEST} | sed -n '/<hostdev/,/<.hostdev/p'")
    show(host, f"virsh qemu-monitor-command {GUEST} --hmp 'info usb'")


def arrives(host, mouse):
    host.wait(lambda: host.run(f"systemctl is-active '{mouse.unit}'")[0] == 0
              and mouse.instance in look.attached(host, GUEST)
              and mouse.alias in look.qemu_usb(host, GUEST), 60, "the guest to have the mouse")


def leaves(host, mouse):
    host.wait(lambda: mouse.instance not in look.attached(host, GUEST)
              and mouse.alias not in look.qemu_usb(host, GUEST), 60, "the guest to let go of the mouse")


def main(suite):
    started = time.monotonic()
    package = product.make(suite)
    say("Booting an emulated machine with a USB controller; it takes about half a minute")
    with TestHost(image.make(suite)) as host:
        host.install(package)
        host.define_guest(GUEST)

        say("A guest, its file, and the switch")
        host.write(f"/etc/usb-hotplug/{GUEST}.toml", CONFIGURATION)
        show(host, f"virsh -q start {GUEST} && virsh list")
        show(host, f"cat /etc/usb-hotplug/{GUEST}.toml")
        show(host, "usb-hotplugctl check")
        show(host, f"systemctl enable --now usb-hotplug@{GUEST}.target")

        say("A mouse is plugged in, and a serial adapter that nothing asks for")
        look.plug(host, "usb-serial", "serial", 4, serial="A1")
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        arrives(host, mouse)
        show(host, "usb-hotplugctl list")
        show(host, f"systemctl --no-pager --lines=0 status {mouse.unit}")
        show_guest(host)

        say("The mouse is pulled out")
        host.unplug("mouse")
        leaves(host, mouse)
        show(host, "usb-hotplugctl list")
        show_guest(host)

        say("It is plugged in again: a new device, a new unit")
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        arrives(host, mouse)
        show(host, "systemctl --no-pager --plain list-units 'usb-hotplug@*'")

        say("Stopping its unit gives it back to the host, whose driver has it again")
        show(host, f"systemctl stop {mouse.unit}")
        leaves(host, mouse)
        host.wait(lambda: look.driver_of(host, mouse.port) == "usbhid", 30, "the host's driver")
        show(host, f"basename $(readlink /sys/bus/usb/devices/{mouse.port}:1.0/driver)")
        show(host, "usb-hotplugctl list")

        say("Starting it makes it the guest's again")
        show(host, f"systemctl start {mouse.unit}")
        arrives(host, mouse)
        show(host, "usb-hotplugctl list")
        show_guest(host)
    say(f"Done, {time.monotonic() - started:.0f} s after the build")


if __name__ == "__main__":
    main(*sys.argv[1:])
