# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices that the examples of contrib/examples are decided about, as udev and sysfs have them.

They stand for such devices and are no recordings: numbers are those of udev's hardware database
(20-usb-vendor-model.hwdb) where it knows the device, classes what such devices usually have, of
controllers those that the kernel's driver xpad looks for, of phones those that adb and fastboot do.
Serial numbers and some names are made up."""

# Name: port, number, class of the device, classes of its interfaces, and what is of interest beside.
DEVICES = {
    "hub": ("1-2", "05e3:0608", "9/0/1", "9/0/0", {}),
    "KVM hub": ("1-3", "2109:3431", "9/0/1", "9/0/0", {}),
    "keyboard on the KVM": ("1-3.1", "046d:c31c", "0/0/0", "3/1/1 3/0/0", {"product": "USB Keyboard"}),
    "mouse on the KVM": ("1-3.4.2", "046d:c077", "0/0/0", "3/1/2", {"product": "USB Optical Mouse"}),
    "sound on the KVM": ("1-3.3", "0d8c:0014", "0/0/0", "1/1/0 1/2/0 1/2/0 3/0/0", {}),
    "desk hub": ("1-4", "05e3:0608", "9/0/2", "9/0/0", {}),
    "stick on the desk": ("1-4.1", "0781:5567", "0/0/0", "8/6/80", {"serial": "4C530001"}),
    "printer on the desk": ("1-4.2.1", "03f0:2b17", "0/0/0", "7/1/2", {}),

    "keyboard": ("2-1", "046d:c31c", "0/0/0", "3/1/1 3/0/0", {"product": "USB Keyboard"}),
    "mouse": ("2-2", "046d:c077", "0/0/0", "3/1/2", {"product": "USB Optical Mouse"}),
    # Of both kinds in one.
    "receiver": ("2-3", "046d:c52b", "0/0/0", "3/1/1 3/1/2 3/0/0", {"product": "USB Receiver"}),
    "stick": ("2-4", "0781:5567", "0/0/0", "8/6/80", {"serial": "4C530001230415112345"}),

    "YubiKey": ("1-10", "1050:0407", "0/0/0", "3/1/1 3/0/0 11/0/0",
                {"product": "YubiKey OTP+FIDO+CCID"}),
    "host's YubiKey": ("1-11", "1050:0407", "0/0/0", "3/1/1 3/0/0 11/0/0",
                       {"product": "YubiKey OTP+FIDO+CCID"}),
    "Nitrokey": ("1-12", "20a0:42b1", "0/0/0", "3/0/0", {"product": "Nitrokey FIDO2"}),
    "card reader": ("1-13", "08e6:3437", "0/0/0", "11/0/0", {"product": "USB SmartCard Reader"}),

    "Xbox One": ("3-1", "045e:02ea", "255/71/208", "255/71/208", {"product": "Controller"}),
    "Xbox 360": ("3-2", "045e:028e", "255/255/255", "255/93/1 255/93/3 255/93/2 255/253/19",
                 {"product": "Controller"}),
    "Xbox adapter": ("3-3", "045e:02e6", "255/255/255", "255/255/255", {"product": "XBOX ACC"}),
    "DualSense": ("3-4", "054c:0ce6", "0/0/0", "1/1/0 1/2/0 1/2/0 3/0/0",
                  {"product": "Wireless Controller"}),
    "DualShock 4": ("3-5", "054c:05c4", "0/0/0", "3/0/0", {"product": "Wireless Controller"}),
    "Switch Pro": ("3-6", "057e:2009", "0/0/0", "3/0/0", {"product": "Pro Controller"}),

    "webcam": ("4-1", "046d:0825", "239/2/1", "14/1/0 14/2/0 1/1/0 1/2/0",
               {"serial": "4F8F2C90", "removable": "removable"}),
    "camera in the lid": ("4-2", "04f2:b604", "239/2/1", "14/1/0 14/2/0",
                          {"product": "Integrated Camera", "removable": "fixed"}),
    "camera nobody says is built in": ("1-7", "04f2:b604", "239/2/1", "14/1/0 14/2/0",
                                       {"removable": "unknown"}),
    "headset": ("4-3", "0b0e:0311", "0/0/0", "1/1/0 1/2/0 1/2/0 3/0/0",
                {"vendor": "GN Netcom A/S, Jabra", "product": "Jabra EVOLVE 65"}),

    "phone, debugging": ("5-1", "18d1:4ee7", "0/0/0", "255/66/1",
                         {"product": "Pixel 3 XL", "serial": "8BEY0Y2HC"}),
    "phone, files": ("5-2", "18d1:4ee1", "0/0/0", "6/1/1", {"serial": "8BEY0Y2HC"}),
    "phone, files and debugging": ("5-3", "18d1:4ee2", "0/0/0", "6/1/1 255/66/1", {}),
    "phone, bootloader": ("5-4", "18d1:4ee0", "0/0/0", "255/66/3", {"serial": "8BEY0Y2HC"}),
    "another's bootloader": ("5-5", "18d1:d00d", "0/0/0", "255/66/3", {"product": "Android"}),
    "Sony phone's bootloader": ("5-6", "0fce:0dde", "0/0/0", "255/66/3", {"product": "Android"}),
    "phone, emergency": ("5-7", "05c6:9008", "0/0/0", "255/255/255", {"product": "QUSB__BULK"}),
    "iPhone": ("5-8", "05ac:12a8", "0/0/0", "6/1/1 255/254/2", {"product": "iPhone"}),
    "camera": ("5-9", "04a9:31ea", "0/0/0", "6/1/1", {"product": "Canon Digital Camera"}),

    "Prusa MK3": ("6-1", "2c99:0002", "2/0/0", "2/2/1 10/0/0", {"product": "Original Prusa i3 MK3"}),
    "Klipper board": ("6-2", "1d50:614e", "2/0/0", "2/2/1 10/0/0", {"product": "stm32f446xx"}),
    "printer with CH340": ("1-6", "1a86:7523", "255/0/0", "255/1/2", {"product": "USB Serial"}),
    "other CH340": ("6-4", "1a86:7523", "255/0/0", "255/1/2", {"product": "USB Serial"}),
    "printer, flashed": ("1-6", "0483:df11", "0/0/0", "254/1/2", {"product": "STM32  BOOTLOADER"}),
    "other DFU": ("6-6", "0483:df11", "0/0/0", "254/1/2", {"product": "STM32  BOOTLOADER"}),
    "RP2040 disk": ("6-7", "2e8a:0003", "0/0/0", "8/6/80 255/0/0", {"product": "RP2 Boot"}),
    "FTDI": ("6-8", "0403:6001", "0/0/0", "255/255/255", {"product": "FT232R USB UART"}),
    "CP2102": ("6-9", "10c4:ea60", "0/0/0", "255/0/0",
               {"product": "CP2102 USB to UART Bridge Controller"}),
    "programmer": ("6-10", "0403:6010", "0/0/0", "255/255/255",
                   {"product": "Dual RS232-HS", "bcdDevice": "0700"}),
    "old programmer": ("6-11", "0403:6010", "0/0/0", "255/255/255",
                       {"product": "Dual RS232", "bcdDevice": "0500"}),

    "Ethernet": ("7-1", "05ac:1402", "255/255/0", "255/255/0",
                 {"product": "Apple USB Ethernet Adapter"}),
    "modem": ("7-2", "1199:9071", "0/0/0", "255/255/255 2/14/0 10/0/2", {"product": "Sierra EM7455"}),
    "Bluetooth": ("7-3", "8087:0a2b", "224/1/1", "224/1/1", {"removable": "fixed"}),
    "Bluetooth stick": ("7-4", "0a12:0001", "224/1/1", "224/1/1", {"removable": "removable"}),
}


def octal(text):
    return text.replace("\\", "\\\\") + "\\n"


def record(name):
    """A device as "usb-hotplugctl explain --record" describes it."""
    port, number, type_, interfaces, more = DEVICES[name]
    bus, ports = port.split("-")
    # The node's number does not matter, but must not be another's.
    node = 1 + list(DEVICES).index(name)
    folders = [f"{bus}-{'.'.join(ports.split('.')[:n + 1])}" for n in range(ports.count(".") + 1)]
    codes = ["".join(f"{int(part):02x}" for part in each.split("/")) for each in interfaces.split()]
    vendor, product = number.split(":")
    release = more.get("bcdDevice", "0100")
    lines = [f"P: /devices/pci0000:00/0000:0{int(bus) - 1}:14.0/usb{bus}/" + "/".join(folders),
             f"N: bus/usb/00{bus}/{node:03}", "E: SUBSYSTEM=usb", "E: DEVTYPE=usb_device",
             f"E: DEVNAME=/dev/bus/usb/00{bus}/{node:03}", f"E: BUSNUM=00{bus}",
             f"E: DEVNUM={node:03}", f"E: TYPE={type_}",
             f"E: PRODUCT={int(vendor, 16):x}/{int(product, 16):x}/{int(release, 16):x}",
             f"E: ID_VENDOR_ID={vendor}", f"E: ID_MODEL_ID={product}",
             f"E: ID_USB_INTERFACES=:{':'.join(codes)}:",
             f"E: ID_PATH=pci-0000:0{int(bus) - 1}:14.0-usb-0:{ports}", f"A: bcdDevice={octal(release)}"]
    lines += [f"A: {key}={octal(more[key])}" for key in ("serial", "removable") if key in more]
    for key, property_ in (("vendor", "ID_VENDOR_ENC"), ("product", "ID_MODEL_ENC"),
                           ("serial", "ID_SERIAL_SHORT")):
        if key in more:
            lines.append(f"E: {property_}=" + more[key].replace(" ", "\\x20"))
    return "\n".join(lines) + "\n"


# Disks: what they are on, its number, and what udev knows.
DISKS = {
    "backup": ("1-1", "1058:25a2", {"ID_SERIAL_SHORT": "WDC_WD20NMVW-11AV3S3_WD-WX91A848D75S"}),
    "another backup": ("1-2", "1058:25a2", {"ID_SERIAL_SHORT": "WDC_WD20NMVW-11AV3S3_WD-WXF1E81H2F3K"}),
    "new disk in the dock": ("1-4", "174c:55aa", {"ID_SERIAL_SHORT": "S21HNXAG"}),
}


def machine():
    """These disks as a machine for umockdev, and the name of each in /dev."""
    text, names = "", {}
    for index, (name, (port, number, properties)) in enumerate(DISKS.items()):
        disk = names[name] = f"sd{chr(ord('a') + index)}"
        path = f"/devices/pci0000:00/0000:00:14.0/usb1/{port}"
        vendor, product = number.split(":")
        properties = {"ID_SERIAL": f"A_disk_{properties['ID_SERIAL_SHORT']}-0:0", **properties}
        said = "".join(f"E: {key}={value}\n" for key, value in properties.items())
        text += (f"P: {path}\nN: bus/usb/001/{index + 2:03}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
                 f"E: DEVNAME=/dev/bus/usb/001/{index + 2:03}\nE: MAJOR=189\nE: MINOR={index + 1}\n"
                 f"E: BUSNUM=001\nE: DEVNUM={index + 2:03}\nE: TYPE=0/0/0\n"
                 f"E: PRODUCT={int(vendor, 16):x}/{int(product, 16):x}/100\n"
                 f"A: dev=189:{index + 1}\\n\nA: authorized=1\\n\nA: busnum=1\\n\n\n"
                 f"P: {path}/{port}:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n\n"
                 f"P: {path}/{port}:1.0/host{index}/target{index}:0:0/{index}:0:0:0/block/{disk}\n"
                 f"N: {disk}=00\nE: SUBSYSTEM=block\nE: DEVTYPE=disk\nE: DEVNAME=/dev/{disk}\n"
                 f"E: MAJOR=8\nE: MINOR={16 * index}\n{said}A: dev=8:{16 * index}\\n\n"
                 f"A: size=8192\\n\n\n")
    return text, names
