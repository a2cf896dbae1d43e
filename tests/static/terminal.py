# SPDX-License-Identifier: LGPL-2.1-or-later
"""What usb-hotplugctl does with the terminal, or the pipe, that it prints to."""
import os
import pty
import subprocess
import unittest

from support import Check, program, run, temporary_folder, tool

CTL = program("usb-hotplugctl")
# libvirt knows no such URI, so the guest's state is unknown, which is red.
GUEST = '[guest]\nconnect = "nothing:///"\n[[usb]]\nall = true\n'
RED = "\x1b[31m"


class Terminal(Check):
    def setUp(self):
        self.root = root = temporary_folder(self.addCleanup)
        (root / "etc/usb-hotplug").mkdir(parents=True)
        (root / "etc/usb-hotplug/win10.toml").write_text(GUEST)
        self.environment = {"USB_HOTPLUG_ROOT": str(root), "PATH": os.environ["PATH"],
                            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere",
                            "LC_ALL": "C.UTF-8", "TERM": "xterm", "SYSTEMD_PAGERSECURE": "0"}

    def on_terminal(self, *words, **environment):
        """What a terminal shows, errors not among it."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        done = subprocess.Popen([CTL, *words], stdin=subprocess.DEVNULL, stdout=theirs,
                                stderr=subprocess.DEVNULL, env={**self.environment, **environment})
        os.close(theirs)
        text = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # nobody has the other end any more
                break
            text += more
        done.wait(timeout=100)
        return text.decode().replace("\r\n", "\n")

    def test_a_terminal_has_colours(self):
        self.assertIn(RED + "unknown", self.on_terminal("guests", PAGER=""))

    def test_whoever_wants_no_colours_gets_none(self):
        for said in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
            shown = self.on_terminal("guests", PAGER="", **said)
            self.assertIn("unknown", shown)
            self.assertNotIn("\x1b", shown, said)

    def test_a_pipe_has_no_colours(self):
        shown = run(CTL, "guests", env=self.environment).stdout
        self.assertIn("unknown", shown)
        self.assertNotIn("\x1b", shown)

    def test_a_terminal_has_a_pager(self):
        paged = "paged GUEST "
        pager = f"{tool('sed')} s/^/paged\\x20/"
        self.assertIn(paged, self.on_terminal("guests", PAGER=pager))
        self.assertIn(paged, self.on_terminal("guests", PAGER="cat", SYSTEMD_PAGER=pager))
        self.assertIn('paged {', self.on_terminal("guests", "--json", PAGER=pager))
        for words, said in ((["--no-pager"], {}), ([], {"SYSTEMD_PAGER": ""}),
                            ([], {"SYSTEMD_PAGER": "cat"}), ([], {"TERM": "dumb"}),
                            # Who has more rights than the user does not run what that one says.
                            ([], {"SYSTEMD_PAGERSECURE": "1", "PATH": "/nowhere",
                                  "SYSTEMD_PAGER": ""})):
            shown = self.on_terminal("guests", *words, **{"PAGER": pager, **said})
            self.assertIn("GUEST ", shown)
            self.assertNotIn("paged", shown, said)

    def test_a_pager_that_is_not_there_is_done_without(self):
        self.assertIn("GUEST ", self.on_terminal("guests", PAGER="/nowhere/less", PATH="/nowhere"))

    def test_a_pipe_has_no_pager(self):
        self.assertTrue(run(CTL, "guests", env={**self.environment, "PAGER": "/nowhere/less"})
                        .stdout.startswith("GUEST "))

    def test_a_reader_that_has_seen_enough_is_no_error(self):
        for words in (["--help"], ["check", "--json"]):
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run([CTL, *words], stdout=writer, stderr=subprocess.PIPE, text=True,
                                  env=self.environment, timeout=100)
            os.close(writer)
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.returncode, run(CTL, *words, env=self.environment).returncode)

    def test_a_reader_of_some_of_much_is_no_error(self):
        mistakes = "".join(f"key{number} = 1\n" for number in range(5000))
        file = self.root / "etc/usb-hotplug/win10.toml"
        file.write_text("[guest]\n" + mistakes)
        for words in (["check"], ["check", "--json"]):
            for amount in (1, 100000):
                done = subprocess.Popen([CTL, *words], stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.PIPE, env=self.environment)
                self.assertEqual(len(done.stdout.read(amount)), amount)
                done.stdout.close()
                self.assertEqual(done.stderr.read(), "")
                done.stderr.close()
                self.assertEqual(done.wait(timeout=100), 2)

    def test_what_cannot_be_written_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([CTL, "--help"], stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=self.environment, timeout=100)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Cannot write", done.stderr)

    def test_the_help_fits_a_screen(self):
        lines = run(CTL, "--help").stdout.splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)


if __name__ == "__main__":
    unittest.main()
