# SPDX-License-Identifier: LGPL-2.1-or-later
"""The completions of zsh and fish, as these call them: they offer what that of bash does."""
import os
import pty
import re
import select
import subprocess
import time
import unittest

import completion
from support import SOURCE, Check, output, program, temporary_folder, tool

FOLDER = SOURCE / "contrib/completions"
# As list prints it; a test machine need not have devices. All else is the program's own.
COMMAND = """#!/bin/sh
if [ "$1" = list ]; then
    echo 'PORT NODE                 ID        DEVICE      GUEST STATE    REASON'
    echo '1-2  /dev/bus/usb/001/003 046d:c077 Some: Mouse win10 attached -'
    echo '1-4  /dev/bus/usb/001/004 0781:5567 Stick       -     host     -'
    echo '1-4  /dev/sdb             0781:5567 disk, 8 GB  -     host     -'
    exit
fi
exec {program} "$@"
"""
# Prints what would be offered, in place of offering it.
ZSH = """
PROMPT= RPROMPT=
fpath=({folder} $fpath)
autoload -U compinit && compinit -C -d {root}/zcompdump
bindkey '^I' complete-word
mark_start() {{ print -r -- START }}
mark_end() {{ print -r -- END; exit }}
compprefuncs=(mark_start)
comppostfuncs=(mark_end)
compadd() {{
    # Those that only fill arrays offer nothing.
    if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a offered
    builtin compadd -A offered "$@"
    (( ! $#offered )) || print -rl -- OFFER:${{^offered}}
    builtin compadd "$@"
}}
"""
CASES = (
    ("",), ("at",), ("zz",),
    ("status", ""), ("log", ""), ("explain", ""), ("rule", ""), ("attach", ""), ("detach", ""),
    ("learn", ""), ("pause", ""), ("resume", ""),
    ("attach", "1-2", ""), ("attach", "1-2", "wi"), ("learn", "win10", ""), ("detach", "1-2", ""),
    ("rule", "--by", ""), ("rule", "--by", "id", ""), ("log", "--lines", ""),
    ("rule", "--wait", "--timeout", ""), ("import", "--from", ""),
    ("list", ""), ("tree", ""), ("guests", ""), ("monitor", ""), ("check", ""),
)


class Shells(Check):
    def setUp(self):
        self.root = temporary_folder(self.addCleanup)
        for folder, name in (("etc", "win10"), ("usr/lib", "work"), ("etc", "host"),
                             ("etc", "$(echo ran)")):
            (self.root / folder / "usb-hotplug").mkdir(parents=True, exist_ok=True)
            (self.root / folder / "usb-hotplug" / f"{name}.toml").touch()
        command = self.root / "bin/usb-hotplugctl"
        command.parent.mkdir()
        command.write_text(COMMAND.replace("{program}", str(program("usb-hotplugctl"))))
        command.chmod(0o755)
        self.environment = {
            "PATH": f"{command.parent}:{os.environ['PATH']}", "USB_HOTPLUG_ROOT": str(self.root),
            "HOME": str(self.root), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        (self.root / "setup.zsh").write_text(ZSH.format(folder=FOLDER, root=self.root))

    def bash(self, *words):
        done = subprocess.run(
            [tool("bash"), "--norc", "-euc", completion.COMPLETE, "complete", completion.FILE,
             "usb-hotplugctl", *words], env=self.environment, text=True, capture_output=True,
            timeout=100)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return set(done.stdout.split())

    def fish(self, *words):
        text = output(tool("fish"), "--no-config", "-c",
                      f"source {FOLDER}/usb-hotplugctl.fish; complete -C $argv[1]",
                      " ".join(("usb-hotplugctl", *words)), env=self.environment)
        return {line.split("\t")[0] for line in text.splitlines()}

    def zsh(self, *words):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        shell = subprocess.Popen([tool("zsh"), "-f", "-i"], stdin=theirs, stdout=theirs,
                                 stderr=theirs, env=self.environment, start_new_session=True)
        os.close(theirs)
        self.addCleanup(shell.wait, timeout=100)
        self.addCleanup(shell.kill)
        line = " ".join(("usb-hotplugctl", *words))
        os.write(ours, f"source {self.root}/setup.zsh; print REA''DY\n".encode())
        self.shown_until(ours, "READY")
        os.write(ours, f"{line}\t".encode())
        text = self.shown_until(ours, "END")
        return set(re.findall(r"^OFFER:(.*?)\s*$", text[text.rindex("START"):], re.M))

    def shown_until(self, terminal, end):
        text, limit = "", time.monotonic() + 60
        while end + "\r\n" not in text:
            self.assertLess(time.monotonic(), limit, text)
            if select.select([terminal], [], [], 1)[0]:
                text += os.read(terminal, 4096).decode(errors="replace")
        return text.replace("\r\n", "\n")

    def check(self, shell):
        for words in CASES:
            meant = {word for word in self.bash(*words) if word[0] != "-"}
            self.assertEqual({word for word in shell(*words) if word[:1] != "-"}, meant, words)

    def check_options(self, shell):
        for verb in sorted(word for word in self.bash("") if word[0] != "-"):
            # How an option is joined to its value is the shell's to say.
            found = {word.rstrip("=") for word in shell(verb, "--")}
            self.assertEqual(found, self.bash(verb, "--"), verb)
        self.assertEqual(shell("--"), self.bash("--"))

    def check_files(self, shell):
        folder = self.root / "files"
        (folder / "below").mkdir(parents=True)
        (folder / "usb.list").touch()
        self.assertEqual({word.rpartition("/")[2] for word in shell("import", f"{folder}/us")},
                         {"usb.list"})

    def test_fish_offers_what_bash_does(self):
        self.check(self.fish)

    def test_fish_offers_the_options_that_bash_does(self):
        self.check_options(self.fish)

    def test_fish_offers_files(self):
        self.check_files(self.fish)

    def test_zsh_offers_what_bash_does(self):
        self.check(self.zsh)

    def test_zsh_offers_the_options_that_bash_does(self):
        self.check_options(self.zsh)

    def test_zsh_offers_files(self):
        self.check_files(self.zsh)


if __name__ == "__main__":
    unittest.main()
