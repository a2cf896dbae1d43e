# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed, and where: as configured here, and with every folder overridden."""
import json
import os
import re
import unittest

from support import SOURCE, Check, install, options, output, temporary_folder, tool

LAYOUT = """
/etc/usb-hotplug/
{bindir}/usb-hotplugctl
{libexecdir}/usb-hotplug/usb-hotplug-guest
{libexecdir}/usb-hotplug/usb-hotplug-worker
{libdir}/usb-hotplug/usb-hotplug-libvirt.so
{libdir}/usb-hotplug/usb-hotplug-qmp.so
{libdir}/usb-hotplug/usb-hotplug-regex.so
{udevdir}/usb-hotplug-match
{udevdir}/rules.d/90-usb-hotplug.rules
{systemdsystemunitdir}/usb-hotplug@.service
{systemdsystemunitdir}/usb-hotplug@.target
{systemdsystemunitdir}/usb-hotplug-guest@.service
{systemdsystemunitdir}/usb-hotplug-order@.service
{systemdsystemunitdir}/usb-hotplug-refresh@.service
{systemdsystemunitdir}/usb-hotplug-sleep.service
{systemdsystemunitdir}/sleep.target.wants/usb-hotplug-sleep.service
{catalogdir}/usb-hotplug.catalog
{datadir}/polkit-1/rules.d/60-usb-hotplug.rules
{bashcompletiondir}/usb-hotplugctl
{zshcompletiondir}/_usb-hotplugctl
{fishcompletiondir}/usb-hotplugctl.fish
{datadir}/doc/usb-hotplug/NEWS.md
{datadir}/doc/usb-hotplug/README.md
{datadir}/doc/usb-hotplug/libvirt-hook
{datadir}/doc/usb-hotplug/examples/3d-printer.toml
{datadir}/doc/usb-hotplug/examples/android-phone.toml
{datadir}/doc/usb-hotplug/examples/backup-disk.toml
{datadir}/doc/usb-hotplug/examples/desk-hub.toml
{datadir}/doc/usb-hotplug/examples/desktop.toml
{datadir}/doc/usb-hotplug/examples/everything-but.toml
{datadir}/doc/usb-hotplug/examples/game-controller.toml
{datadir}/doc/usb-hotplug/examples/kvm-switch.toml
{datadir}/doc/usb-hotplug/examples/one-of-several.toml
{datadir}/doc/usb-hotplug/examples/plain-qemu.toml
{datadir}/doc/usb-hotplug/examples/security-key.toml
{datadir}/doc/usb-hotplug/examples/webcam.toml
"""
PAGES = """
{mandir}/man1/usb-hotplugctl.1
{mandir}/man5/usb-hotplug.toml.5
{mandir}/man7/usb-hotplug.7
{mandir}/man8/usb-hotplug-guest.8
{mandir}/man8/usb-hotplug-guest@.service.8
{mandir}/man8/usb-hotplug-order@.service.8
{mandir}/man8/usb-hotplug-refresh@.service.8
{mandir}/man8/usb-hotplug-sleep.service.8
{mandir}/man8/usb-hotplug-match.8
{mandir}/man8/usb-hotplug-worker.8
{mandir}/man8/usb-hotplug@.service.8
{mandir}/man8/usb-hotplug@.target.8
"""
# The options that pkg-config answers for when they are empty, as (package, variables).
ASKED = {
    "systemdsystemunitdir": ("systemd", ["systemd_system_unit_dir"]),
    "udevdir": ("udev", ["udev_dir", "udevdir"]),
    "catalogdir": ("systemd", ["catalog_dir"]),
}
OVERRIDES = {
    "prefix": "/opt/hotplug", "bindir": "programs", "libexecdir": "helpers", "libdir": "modules",
    "datadir": "data", "mandir": "pages", "systemdsystemunitdir": "/srv/units", "udevdir": "/srv/udev",
    "catalogdir": "/srv/catalog", "bashcompletiondir": "/srv/completions",
    "zshcompletiondir": "/srv/zsh", "fishcompletiondir": "/srv/fish",
}


def asked(package, variable):
    return output(tool("pkg-config"), f"--variable={variable}", package).strip()


def folders(values):
    """The folders that LAYOUT names, made of the options as meson.build does."""
    values = dict(values)
    for name, (package, variables) in ASKED.items():
        for variable in variables:
            values[name] = values[name] or asked(package, variable)
    values["catalogdir"] = values["catalogdir"] or "/usr/lib/systemd/catalog"
    for shell, folder in (("bash", "bash-completion/completions"), ("zsh", "zsh/site-functions"),
                          ("fish", "fish/vendor_completions.d")):
        name = f"{shell}completiondir"
        values[name] = values[name] or f"{values['datadir']}/{folder}"
    return {name: os.path.join(values["prefix"], value)
            for name, value in values.items() if name.endswith("dir")}


def layout(values):
    lines = LAYOUT + (PAGES if values["man"] else "")
    return sorted(lines.format(**folders(values)).split())


class Installed(Check):
    def setUp(self):
        self.root = install(self.addCleanup)

    def test_layout(self):
        paths = [path for path in self.root.rglob("*")
                 if not path.is_dir() or not any(path.iterdir())]
        found = [f"/{path.relative_to(self.root)}" + "/" * path.is_dir() for path in paths]
        self.assertEqual(sorted(found), layout(options()))

    def test_modes(self):
        for path in self.root.rglob("*"):
            if path.is_file():
                wanted = 0o755 if path.read_bytes().startswith(b"\x7fELF") else 0o644
                self.assertEqual(path.stat().st_mode & 0o7777, wanted, path)


class Overridden(Check):
    @classmethod
    def setUpClass(cls):
        cls.build = temporary_folder(cls.addClassCleanup)
        words = [f"-D{name}={value}" for name, value in OVERRIDES.items()]
        output(tool("meson"), "setup", "-Dtests=false", *words, cls.build, SOURCE)

    def test_layout(self):
        found = json.loads(output(tool("meson"), "introspect", "--installed", self.build)).values()
        # That lists a folder as one, and no empty ones.
        wanted = {path for path in layout({**OVERRIDES, "man": True}) if not path.endswith("/")}
        wanted = {os.path.dirname(path) if path.endswith(".toml") else path for path in wanted}
        self.assertEqual(sorted(found), sorted(wanted))

    def test_the_units_name_the_programs(self):
        for unit in ("usb-hotplug@.service", "usb-hotplug-guest@.service", "usb-hotplug-sleep.service"):
            text = (self.build / "units" / unit).read_text()
            commands = re.findall(r"^Exec\w+=-?(.*)/usb-hotplug-\w+ ", text, re.M)
            self.assertEqual(set(commands), {"/opt/hotplug/helpers/usb-hotplug"}, unit)

    def test_the_rule_names_the_program(self):
        rule = (self.build / "udev/90-usb-hotplug.rules").read_text()
        self.assertIn('IMPORT{program}="/srv/udev/usb-hotplug-match"', rule)

    def test_nothing_is_left_to_be_replaced(self):
        for path in [*(self.build / "units").glob("usb-*"), *(self.build / "udev").glob("*.rules")]:
            self.assertNotRegex(path.read_text(), r"@\w+dir@", path)


if __name__ == "__main__":
    unittest.main()
