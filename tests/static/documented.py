# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a user can say, and what the programs answer, is what the man pages say: verbs, options,
exit statuses, udev properties, JSON and the keys of the configuration."""
import re
import unittest

from support import PAGES, Check, files_below, output, page, program, read


def help_of(name, *verb):
    return output(program(name), *verb, "--help")


def options_of(text):
    """The options of a --help, which stand at the beginnings of lines."""
    heads = re.findall(r"^ +((?:--?\w[\w-]*[ ,]*)+)", text, re.M)
    return set(re.findall(r"--?\w[\w-]*", " ".join(heads)))


def verbs_of(name):
    """The verbs of a --help, each with its arguments, as "attach NODE"."""
    found = re.findall(r"^  ([a-z]+(?: [A-Z]+)*)  +[A-Z]", help_of(name), re.M)
    if name == "usb-hotplugctl":  # its overview leaves the arguments to the help of each verb
        usage = [re.search(r"Usage: \S+ (.*)", help_of(name, verb))[1] for verb in found]
        found = [line.replace(" [OPTIONS]", "") for line in usage]
    return found


def sections_of(name):
    return page(PAGES[name])


def plain(text):
    return re.sub(r"[*_]", "", text)


def statuses(section):
    return set(map(int, re.findall(r"^\*(\d+)\*$", section, re.M)))


class Words(Check):
    def test_verbs(self):
        for name in PAGES:
            commands = sections_of(name).get("COMMANDS", "")
            described = re.findall(r"^\*[a-z]+\*(?: \[?_[A-Z]+_\]?(?:\.{3})?)*$", commands, re.M)
            self.assertEqual([plain(each) for each in described], verbs_of(name), name)

    def test_synopsis(self):
        for name in PAGES:
            lines = plain(sections_of(name)["SYNOPSIS"])
            found = re.findall(rf"{name} (.+?)(?:\+\+)?$", lines.replace(" [OPTIONS]", ""), re.M)
            self.assertEqual(found, verbs_of(name), name)

    def test_options(self):
        for name in PAGES:
            described = re.findall(r"^(\*-.*)$", sections_of(name)["OPTIONS"], re.M)
            known = options_of(help_of(name))
            if name == "usb-hotplugctl":
                known |= self.options_of_verbs()
            self.assertEqual(set(re.findall(r"--?\w[\w-]*", " ".join(described))), known, name)

    def options_of_verbs(self):
        common = options_of(help_of("usb-hotplugctl")) - {"--version"}
        options = set()
        for verb in verbs_of("usb-hotplugctl"):
            found = options_of(help_of("usb-hotplugctl", verb.split()[0]))
            self.assertLessEqual(common, found, verb)
            options |= found
        return options

    def test_exit_statuses(self):
        for name, source in (("usb-hotplug-worker", "src/worker/main.cpp"),
                             ("usb-hotplug-guest", "src/watcher/main.cpp"),
                             ("usb-hotplugctl", "src/ctl/ctl.h")):
            meant = {0, 1, *map(int, re.findall(r"exit_\w+ = (\d+)", read(source)))}
            self.assertEqual(statuses(sections_of(name)["EXIT STATUS"]), meant, name)

    def test_results_of_the_unit(self):
        # What the worker's attach says. 1 is detach's, and 2 is not for users of the unit.
        worker = statuses(sections_of("usb-hotplug-worker")["EXIT STATUS"])
        self.assertEqual(statuses(page("usb-hotplug@.service.8")["RESULTS"]), worker - {1, 2})


class Findings(Check):
    def test_codes(self):
        text = "".join(read(f"src/{name}.cpp") for name in (
            "model/finding", "model/check_rules", "model/check_devices", "service/check",
            "service/check_host", "service/check_installation"))
        # What systemd says of a unit.
        meant = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)) - {"not-found"}
        section = sections_of("usb-hotplugctl")["FINDINGS"]
        described = re.findall(r"^\*([a-z]+(?:-[a-z]+)+)\*$", section, re.M)
        self.assertEqual(sorted(described), sorted(meant))


class Properties(Check):
    SECTION = page("usb-hotplug.7")["UDEV PROPERTIES"]

    def assert_described(self, names):
        self.assertGreater(len(names), 3)
        self.assert_none(names - set(re.findall(r"_([A-Z][A-Z_]+[A-Z])_", self.SECTION)), "Not described")

    def test_those_that_are_read(self):
        text = "".join(read(path) for floor in ("model", "host", "match", "service")
                       for path in files_below("src", ".cpp") if path.parts[1] == floor)
        found = set(re.findall(r'"((?:ID|USEC|CURRENT)_[A-Z_]+[A-Z]|TAGS|BUSNUM|PRODUCT|TYPE|SUBSYSTEM'
                               r'|DEV(?:NUM|NAME|LINKS|TYPE|PATH))"', text))
        # Of VENDOR and MODEL.
        endings = set(re.findall(r'"ID_" \+ what \+ "(_[A-Z_]+)"', text))
        self.assertEqual(len(endings), 3)
        self.assert_described(found | {f"ID_{what}{end}" for what in ("VENDOR", "MODEL")
                                       for end in endings})

    def test_those_that_are_set(self):
        rule = read("udev/90-usb-hotplug.rules.in")
        found = set(re.findall(r"ENV{(\w+)}\+?=\"", rule))
        self.assert_described(found | set(re.findall(r"USB_HOTPLUG_[A-Z]+", read("src/match/main.cpp")))
                              - {"USB_HOTPLUG_VERSION"})


class Json(Check):
    def test_every_verb_has_it(self):
        self.assert_none([verb for verb in verbs_of("usb-hotplugctl")
                          if "--json" not in options_of(help_of("usb-hotplugctl", verb.split()[0]))],
                         "Without --json")

    def test_the_page_has_every_key_and_no_other(self):
        text = "".join(read(path) for path in files_below("src", ".cpp", ".h") if path.parts[1] == "ctl")
        keys = set(re.findall(r'\["(\w+)"\]|\{"(\w+)", (?!\{)', text))
        keys = {key for pair in keys for key in pair if key and key.islower()} - {"port", "table"}
        sections = sections_of("usb-hotplugctl")
        described = set(re.findall(r"(?<!\w)_([a-z][a-z0-9_]*)_(?!\w)",
                                   sections["JSON"] + sections["FINDINGS"].partition("## Findings as JSON")[2]))
        self.assertEqual(described - {"port", "table"}, keys)


class Keys(Check):
    PAGE = page("usb-hotplug.toml.5")

    def described(self, section):
        """The keys a section describes: *id* = ..., *vendor* = ..., { *class* = ... }"""
        self.assertIn(section, self.PAGE)
        return set(re.findall(r"\*([\w-]+)\* =", self.PAGE[section]))

    def known(self, path, what):
        found = re.findall(rf"\b{what}" + r" = \{(.*?)\};", read(path), re.S)
        self.assertTrue(found, f"{path} has no {what}")
        return [set(re.findall(r'"([\w-]+)"', each)) for each in found]

    def conditions(self, array):
        text = read("src/model/parse_rule.cpp").partition(f" {array} = ")[2].partition("};")[0]
        found = set(re.findall(r'\{"(\w+)", parse_', text))
        self.assertTrue(found, array)
        return found

    def test_tables(self):
        _, tables = self.known("src/model/parse.cpp", "keys")
        headings = " ".join(self.PAGE)
        self.assertEqual(set(re.findall(r"\[(\w+)\]", headings)), tables)

    def test_keys_of_the_guest(self):
        guest, _ = self.known("src/model/parse.cpp", "keys")
        self.assertEqual(self.described("THE [guest] TABLE"), guest)

    def test_keys_of_a_rule(self):
        path = "src/model/parse_rule.cpp"
        [others] = self.known(path, "known")
        [classes] = self.known("src/model/parse_class.cpp", "interface_keys")
        [texts] = self.known("src/model/parse_text.cpp", "keys")
        described = self.described("THE [[usb]] AND [[except]] TABLES")
        self.assertEqual(described, classes | texts | others | self.conditions("condition_keys"))

    def test_keys_of_a_rule_about_disks(self):
        [settings] = self.known("src/model/parse_disk.cpp", "settings_keys")
        of_usb = self.conditions("condition_keys") - {"serial"}
        own = self.conditions("disk_keys") - of_usb
        self.assertEqual(self.described("THE [[disk]] TABLE"), own | settings)
        # The others are those of [[usb]], and are named.
        section = self.PAGE["THE [[disk]] TABLE"]
        for key in self.conditions("disk_keys") & of_usb:
            self.assertIn(f"*{key}*", section)

    def test_every_key_has_an_example(self):
        for section in ("THE [guest] TABLE", "THE [[usb]] AND [[except]] TABLES",
                        "THE [[disk]] TABLE"):
            entry = r"^(\*[\w-]+\* =.*?)\n\t(.*?)(?=\n\n\S|\Z)"
            for keys, text in re.findall(entry, self.PAGE[section], re.M | re.S):
                examples = re.findall(r"Example: _([\w-]+) = ", text)
                self.assertTrue(examples and examples[0] in plain(keys), keys)


if __name__ == "__main__":
    unittest.main()
