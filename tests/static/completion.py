# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bash completion, as bash calls it."""
import re
import unittest

from support import SOURCE, Check, output, program, run, temporary_folder, tool

FILE = SOURCE / "contrib/completions/usb-hotplugctl.bash"
COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
"$(complete -p usb-hotplugctl | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"
printf '%s\\n' "${COMPREPLY[@]}"
"""
# As list prints it; a test machine need not have devices.
LIST = """usb-hotplugctl() {
    echo 'PORT NODE                 ID        DEVICE GUEST STATE REASON'
    echo '1-2  /dev/bus/usb/001/003 046d:c077 Mouse  win10 attached -'
    echo '1-4  /dev/bus/usb/001/004 0781:5567 Stick  -     host     -'
    echo '1-4  /dev/sdb             0781:5567 disk   -     host     -'
}
"""


class Completion(Check):
    def setUp(self):
        self.root = temporary_folder(self.addCleanup)

    def complete(self, *words):
        done = run(tool("bash"), "--norc", "-euc", LIST + COMPLETE, "complete", FILE,
                   "usb-hotplugctl", *words, env={"USB_HOTPLUG_ROOT": str(self.root)})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def add_guests(self, *names):
        for folder in ("etc", "usr/lib"):
            (self.root / folder / "usb-hotplug").mkdir(parents=True)
            for name in names:
                (self.root / folder / "usb-hotplug" / f"{name}.toml").touch()

    def test_verbs_are_those_of_the_program(self):
        help = output(program("usb-hotplugctl"), "--help")
        verbs = re.findall(r"^  ([a-z]+)  +[A-Z]", help.split("Verbs:")[1], re.M)
        self.assertTrue(verbs)
        self.assertEqual([word for word in self.complete("") if word[0] != "-"], verbs)

    def test_options_are_those_of_the_program(self):
        help = output(program("usb-hotplugctl"), "--help")
        self.assertEqual(set(self.complete("--")), set(re.findall(r"--[\w-]+", help)))

    def test_the_options_of_verbs_are_those_of_the_program(self):
        for verb in self.complete(""):
            if verb[0] != "-":
                help = output(program("usb-hotplugctl"), verb, "--help")
                options = re.findall(r"^  (?:-h,)?(--[\w-]+)", help, re.M)
                self.assertEqual(set(self.complete(verb, "--")), set(options), verb)

    def test_values_of_options(self):
        self.assertEqual(self.complete("rule", "--by", ""), ["port", "id", "serial"])
        self.assertEqual(self.complete("learn", "win10", "1-2", "--by", "s"), ["serial"])
        self.assertEqual(self.complete("rule", "--wait", "--timeout", "1"), ["1min"])

    def test_the_beginning_of_a_word(self):
        self.assertEqual(self.complete("at"), ["attach"])
        self.assertEqual(self.complete("x"), [])

    def test_devices(self):
        for verb in ("status", "explain", "attach", "detach"):
            self.assertEqual(self.complete(verb, ""), ["1-2", "1-4", "/dev/sdb", "--help"], verb)
        self.assertEqual(self.complete("rule", ""), ["1-2", "1-4", "--help"])
        self.assertEqual(self.complete("learn", "win10", ""), ["1-2", "1-4"])
        self.assertEqual(self.complete("rule", "--by", "id", ""), ["1-2", "1-4"])
        self.assertEqual(self.complete("list", ""), ["--help"])
        self.assertEqual(self.complete("check", ""), ["--help"])
        self.assertEqual(self.complete("status", "1-2", ""), [])

    def test_guests(self):
        self.add_guests("win10", "work", "host")
        self.assertEqual(set(self.complete("attach", "1-2", "")), {"win10", "work"})
        self.assertEqual(self.complete("attach", "1-2", "wi")[:1], ["win10"])
        self.assertEqual(set(self.complete("learn", "")), {"win10", "work", "--help"})
        self.assertEqual(set(self.complete("log", "")), {"1-2", "1-4", "/dev/sdb", "win10", "work", "--help"})
        self.assertEqual(self.complete("detach", "1-2", ""), [])

    def test_a_file_name_is_not_run(self):
        self.add_guests("$(echo ran)", "work", "`echo ran`")
        self.assertEqual(set(self.complete("attach", "1-2", "")), {"work"})

    def test_no_guest(self):
        self.assertEqual(self.complete("attach", "1-2", ""), [])


if __name__ == "__main__":
    unittest.main()
