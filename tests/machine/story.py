# SPDX-License-Identifier: LGPL-2.1-or-later
"""The words the tests tell their stories in: what a user does, and what has to be true then,
seen from every side (the unit, libvirt's live XML, QEMU, the host's driver)."""
import look

MOUSE = "0627:0001"     # QEMU's usb-mouse, usb-kbd and usb-tablet all have this id


def configure(host, guest, toml):
    host.write(f"/etc/usb-hotplug/{guest}.toml", toml)


def enable(host, guest):
    """Until the next boot: that is the same to all but systemd, which would read all units again to enable it."""
    host.must(f"systemctl start usb-hotplug@{guest}.target")


def ready(host, guest, toml, running=True):
    """A configured and enabled guest that is running, or is off."""
    configure(host, guest, toml)
    if running:
        look.start_guest(host, guest)
    else:
        look.destroy_guest(host, guest)
    enable(host, guest)


def guest_has(host, guest, device, timeout=60):
    """Waits until the guest has the device, and that from every side."""
    host.wait(lambda: look.unit(host, device.instance)["ActiveState"] == "active", timeout,
              f"{device.unit} to be active")
    [(entries, aliases, node)] = look.guest_views(host, [guest], device.alias)
    vendor, product = device.id.split(":")
    assert [entry for entry in entries if entry["alias"] == device.alias] == [
        {"alias": device.alias, "vendor": vendor, "product": product, "bus": device.bus, "device": device.device}]
    assert aliases.count(device.alias) == 1
    assert node == device.node
    assert look.taken(host, device.port), look.drivers(host, device.port)
    assert guest in look.unit(host, device.instance)["StatusText"]


def host_has(host, device, driver="usbhid", guests=("win10", "linux"), timeout=60):
    """Waits until the host has the device with its driver, and no guest has anything of it."""
    host.wait(lambda: look.unit(host, device.instance)["ActiveState"] == "inactive", timeout,
              f"{device.unit} to be inactive")
    host.wait(lambda: look.driver_of(host, device.port) == driver, 10, f"{driver} at {device.port}")
    nobody_has(host, device, guests)


def nobody_has(host, device, guests=("win10", "linux")):
    """No guest has the device, by libvirt's and by QEMU's word, and nothing has failed."""
    running = [guest for guest in look.running_guests(host) if guest in guests]
    for entries, aliases, node in look.guest_views(host, running, device.alias):
        assert device.alias not in {entry["alias"] for entry in entries}
        assert device.alias not in aliases
        assert node is None
    assert look.failed_units(host) == []


def unit_says(host, device):
    """The device's unit in a word or two, and what its worker last said."""
    state = look.unit(host, device.instance)
    return state["ActiveState"], state["Result"], state["StatusText"]


def messages(host, device=None, since=None, **fields):
    """Our own journal messages about a device, as dicts."""
    matches = [f"{name}={value}" for name, value in fields.items()]
    if device:
        matches.append(f"USB_HOTPLUG_DEVICE={device.node}")
    return host.journal(*matches, since=since)
