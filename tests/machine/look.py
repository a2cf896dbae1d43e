# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests look at, each asked of the one that knows: the kernel, systemd, libvirt, QEMU."""
import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree

from testhost import Failed

PREFIX = "ua-usb-hotplug-"


@dataclasses.dataclass(frozen=True)
class Device:
    """A USB device as the machine's kernel has it. port is "1-3"; id is "0627:0001"."""
    port: str
    bus: int
    device: int
    id: str
    serial: str

    @property
    def node(self):
        return f"/dev/bus/usb/{self.bus:03}/{self.device:03}"

    @property
    def instance(self):
        return f"dev-bus-usb-{self.bus:03}-{self.device:03}"

    @property
    def unit(self):
        return f"usb-hotplug@{self.instance}.service"

    @property
    def alias(self):
        return PREFIX + self.instance


# An attribute that the device does not have is an empty field.
LIST = r"""cd /sys/bus/usb/devices
for name in *-*; do
    case $name in *:*) continue;; esac
    fields=$name
    for attribute in busnum devnum idVendor idProduct serial; do
        value=
        { read -r value <$name/$attribute; } 2>/dev/null
        fields="$fields|$value"
    done
    echo "$fields"
done"""


def devices(host):
    """The USB devices that the machine's kernel has, without root hubs."""
    found = []
    for line in host.must(LIST).splitlines():
        port, bus, number, vendor, product, serial = line.split("|", 5)
        if bus and number and product:      # else it went away while we looked
            found.append(Device(port, int(bus), int(number), f"{vendor}:{product}", serial))
    return found


def device(host, port, timeout=30):
    """The device at QEMU's port ("3", "3.1"), waited for; which bus it is on depends on its speed."""
    def find():
        for found in devices(host):
            if found.port.partition("-")[2] == str(port):
                return found
        return None
    return host.wait(find, timeout, f"a USB device at port {port}")


def plug(host, driver, id, port, **options):
    """Plugs a device in and waits until the kernel has it."""
    host.plug(driver, id, port=port, **options)
    return device(host, port)


def gone(host, found, timeout=30):
    """Waits until the kernel no longer has a device."""
    host.wait(lambda: found not in devices(host), timeout, f"{found.node} to go")


def drivers(host, port):
    """The driver of each interface of the device at "1-3": {"1-3:1.0": "usbhid"}, None where unbound."""
    text = host.must(f"cd /sys/bus/usb/devices; for interface in {port}:*; do [ -e $interface ] || continue; "
                     "driver=$(readlink $interface/driver); echo $interface ${driver##*/}; done")
    return {words[0]: (words[1] if len(words) > 1 else None) for words in map(str.split, text.splitlines())}


def driver_of(host, port):
    """The one driver of the device's interfaces, None where none is bound; mixed ones are an error."""
    bound = set(drivers(host, port).values())
    if len(bound) != 1:
        raise Failed(f"{port}: interfaces with different drivers, or none: {drivers(host, port)}")
    return bound.pop()


def taken(host, port):
    """Whether no driver of the host's own has the device: none at all, until the guest claims its interfaces."""
    return set(drivers(host, port).values()) <= {None, "usbfs"}


def unit(host, name, *more):
    """A unit's properties by name; a device's instance stands for its unit."""
    if "." not in name:
        name = f"usb-hotplug@{name}.service"
    wanted = ("Id", "LoadState", "ActiveState", "SubState", "Result", "StatusText", "ConditionResult",
              "ExecMainStatus", "NRestarts", "InvocationID", "MainPID", *more)
    text = host.must(f"systemctl show '{name}' -p {','.join(wanted)}")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def units(host, pattern="usb-hotplug@dev-*.service"):
    """Loaded units that match, as {name: state}."""
    text = host.must(f"systemctl list-units --all --plain --no-legend --no-pager --full '{pattern}'")
    return {words[0]: words[2] for words in map(str.split, text.splitlines())}


def failed_units(host):
    """Names of the units that have failed, of the whole machine."""
    return [line.split()[0] for line in
            host.must("systemctl list-units --failed --plain --no-legend --no-pager --full").splitlines()]


def hostdevs(host, guest):
    """The USB devices in the guest's live XML, each a dict of alias, vendor, product, bus, device; none when it is off.

    From the file in which libvirtd keeps the live XML of a running guest, as this is asked again and again and
    virsh takes seconds to start on an emulated processor. guest_views() asks libvirtd itself.
    """
    xml = host.must(f"cat '/run/libvirt/qemu/{guest}.xml' 2>/dev/null || true")
    return parse_hostdevs(xml) if xml else []


def parse_hostdevs(xml):
    tree = ElementTree.fromstring(xml)
    found = []
    for element in tree.iterfind(".//devices/hostdev[@type='usb']"):
        entry = {"alias": "", "vendor": None, "product": None, "bus": None, "device": None}
        alias, source = element.find("alias"), element.find("source")
        if alias is not None:
            entry["alias"] = alias.get("name", "")
        for tag in ("vendor", "product"):
            if source is not None and source.find(tag) is not None:
                entry[tag] = source.find(tag).get("id").removeprefix("0x")
        if source is not None and source.find("address") is not None:
            entry["bus"] = int(source.find("address").get("bus"))
            entry["device"] = int(source.find("address").get("device"))
        found.append(entry)
    return found


def attached(host, guest):
    """What of ours the guest has by libvirt's word: {instance: (id, bus, device)}."""
    return {entry["alias"].removeprefix(PREFIX): (f"{entry['vendor']}:{entry['product']}", entry["bus"], entry["device"])
            for entry in hostdevs(host, guest) if entry["alias"].startswith(PREFIX)}


def qemu_usb(host, guest):
    """The aliases of the USB devices that the guest's QEMU has; none when the guest is off."""
    status, text = host.run(f"virsh qemu-monitor-command '{guest}' --hmp 'info usb'")
    return parse_info_usb(text) if status == 0 else []


def parse_info_usb(text):
    return re.findall(r", ID: (\S+)", text)


def guest_views(host, guests, alias):
    """What libvirt and QEMU say about each guest, asked at once because each virsh takes long here:
    (hostdevs, aliases that QEMU has, the node that QEMU has open for this alias)."""
    if not guests:
        return []
    ask = json.dumps({"execute": "qom-get", "arguments": {"path": f"/machine/peripheral/{alias}",
                                                          "property": "hostdevice"}})
    ask = ask.replace('"', r'\"')
    words = "; echo @@; ".join(
        f"dumpxml {guest}; echo @@; qemu-monitor-command {guest} --hmp 'info usb'; echo @@; "
        f"qemu-monitor-command {guest} '{ask}'" for guest in guests)
    parts = host.must(f'virsh -q "{words}"').split("@@")
    return [(parse_hostdevs(xml), parse_info_usb(usb), json.loads(answer).get("return"))
            for xml, usb, answer in zip(*[iter(parts)] * 3, strict=True)]


def running_guests(host):
    """By the files of libvirtd, see hostdevs()."""
    return host.must("cd /run/libvirt/qemu && ls *.xml 2>/dev/null | sed 's/[.]xml$//' || true").split()


def running(host, guest):
    return guest in running_guests(host)


def start_guest(host, guest):
    """A guest that runs already is started."""
    if not running(host, guest):
        host.must(f"virsh -q start '{guest}'")


def destroy_guest(host, guest):
    """Turns the guest off, however it is."""
    host.run(f"virsh -q destroy '{guest}'")


def host_nodes(host, guest):
    """Which device of the host each of QEMU's usb-host devices has open: {alias: "/dev/bus/usb/001/005"}."""
    def ask(name, **arguments):
        request = json.dumps({"execute": name, "arguments": arguments})
        return json.loads(host.must(f"virsh qemu-monitor-command '{guest}' '{request}'"))["return"]
    names = [entry["name"] for entry in ask("qom-list", path="/machine/peripheral")
             if entry["type"] == "child<usb-host>"]
    return {name: ask("qom-get", path=f"/machine/peripheral/{name}", property="hostdevice") for name in names}
