# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole machine with USB hardware, booted under QEMU's software emulation.

Inside run systemd, udev, libvirtd and, nested, guests; no KVM, no USB hardware and no
privilege is needed where it runs. Commands are handed over in a shared folder and announced on a
console line, so that they may be of any length and say anything; devices are plugged and
unplugged through QMP. The disk is never written to (but for TestHost(writable=True)).
"""
import atexit
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

QEMU = "qemu-system-x86_64"
PORTS = 15      # of each speed on the emulated controller
BOOT_TIMEOUT = 300

# Leaves out what only slows an emulated machine down. For the same reason its processor is a
# plain one: programs that find AVX use it, and it has to be emulated.
KERNEL_ARGUMENTS = ("console=ttyS0 root=/dev/vda rw quiet loglevel=4 panic=-1 systemd.show_status=0 "
                    "mitigations=off audit=0 nowatchdog cryptomgr.notests no_timer_check fsck.mode=skip "
                    "rcupdate.rcu_expedited=1 rcupdate.rcu_normal_after_boot=0 random.trust_cpu=on")


HALT_ROM = "/var/lib/testhost/halt.rom"


def halt_rom():
    """Firmware that halts: "cli; hlt; jmp" at the reset vector, 16 bytes below 4 GiB, where the last 64 KiB lie."""
    return (b"\xff" * 0xfff0 + b"\xfa\xf4\xeb\xfd").ljust(0x10000, b"\xff")


class Failed(AssertionError):
    """A command inside failed, or what was waited for did not come."""


class QMP:
    """QEMU's monitor: commands are answered in turn, events are read all the time."""

    def __init__(self, path):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.connect(str(path))
        self.changed = threading.Condition()
        self.answers, self.events, self.ended = [], [], False
        threading.Thread(target=self._read, daemon=True).start()
        self.turn = threading.Lock()
        self("qmp_capabilities")

    def _read(self):
        # Events nobody reads would fill the pipe and stop QEMU.
        with self.stream.makefile("r") as lines:
            for line in lines:
                message = json.loads(line)
                with self.changed:
                    if "event" in message:
                        self.events.append(message)
                    elif "QMP" not in message:
                        self.answers.append(message)
                    self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def __call__(self, command, **arguments):
        """The answer's value; an error of QEMU is raised."""
        with self.turn:
            request = {"execute": command, "arguments": {key.replace("_", "-"): value
                                                         for key, value in arguments.items()}}
            self.stream.sendall(json.dumps(request).encode() + b"\n")
            with self.changed:
                if not self.changed.wait_for(lambda: self.answers or self.ended, 30):
                    raise Failed(f"QEMU does not answer {command}")
                if not self.answers:
                    raise Failed(f"QEMU ended at {command}")
                answer = self.answers.pop(0)
        if "error" in answer:
            raise Failed(f"QEMU, {command} {arguments}: {answer['error']['desc']}")
        return answer["return"]

    def wait_event(self, name, match, timeout, since=0):
        """Waits for an event whose data match, among those from index since on."""
        def found():
            return [event for event in self.events[since:]
                    if event["event"] == name and match(event.get("data", {}))] or self.ended
        with self.changed:
            if not self.changed.wait_for(found, timeout) or self.ended:
                raise Failed(f"no event {name} from QEMU in {timeout} s")


class TestHost:
    """One booted machine. Use it as a context: leaving it ends the machine."""
    __test__ = False        # not a test class, whatever its name says to pytest

    def __init__(self, image, writable=False, devices=(), controllers=1):
        """devices: arguments for plug() as dicts, there before the machine boots.

        controllers: of USB, each good for 64 devices; "xhci" is the first, then come "xhci2", "xhci3"…
        """
        self.image, self.writable = image, writable
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="testhost-", dir=image.folder))
        self.share = self.folder / "share"
        self.share.mkdir()
        self.process = None
        self.changed = threading.Condition()
        self.count, self.done, self.boots = 0, {}, 0
        self.console_log = self.folder / "console.log"
        atexit.register(self.close)
        try:
            self._start(devices, controllers)
            self._wait_boot(1, time.monotonic())
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- the machine ---------------------------------------------------------------------------

    def _start(self, devices, controllers):
        qmp, agent = self.folder / "qmp", self.folder / "agent"
        arguments = [
            QEMU, "-nodefaults", "-machine", "q35", "-accel", "tcg,thread=multi,tb-size=512",
            "-cpu", "qemu64", "-smp", "2", "-m", "3072", "-display", "none",
            "-kernel", self.image.kernel, "-initrd", self.image.initrd, "-append", KERNEL_ARGUMENTS,
            "-drive", f"file={self.image.disk},format=raw,if=virtio,cache=unsafe,"
                      f"snapshot={'off' if self.writable else 'on'}",
            "-device", f"qemu-xhci,id=xhci,p2={PORTS},p3={PORTS}",
            "-fsdev", f"local,id=share,path={self.share},security_model=none",
            "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
            "-object", "rng-random,filename=/dev/urandom,id=rng", "-device", "virtio-rng-pci,rng=rng",
            "-chardev", f"socket,id=agent,path={agent},server=on,wait=off",
            "-device", "virtio-serial-pci", "-device", "virtconsole,chardev=agent",
            "-chardev", f"file,id=console,path={self.console_log}", "-serial", "chardev:console",
            "-qmp", f"unix:{qmp},server=on,wait=off",
        ]
        for number in range(2, controllers + 1):
            arguments += ["-device", f"qemu-xhci,id=xhci{number},p2={PORTS},p3={PORTS}"]
        errors = open(self.folder / "qemu.log", "wb")
        # Paused at first: devices of the time before boot are plugged into a machine that stands still.
        with errors:
            self.process = subprocess.Popen([str(word) for word in arguments] + ["-S"], stdin=subprocess.DEVNULL,
                                            stdout=errors, stderr=errors,
                                            env={**os.environ, "TMPDIR": str(self.folder)})
        end = time.monotonic() + 30
        while not (qmp.exists() and agent.exists()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"QEMU did not start: {(self.folder / 'qemu.log').read_text()}")
            time.sleep(0.05)
        self.qmp = QMP(qmp)
        self.agent = socket.socket(socket.AF_UNIX)
        self.agent.connect(str(agent))
        threading.Thread(target=self._read_agent, daemon=True).start()
        for device in devices:
            self.plug(**device)
        self.qmp("cont")

    def _read_agent(self):
        with self.agent.makefile("rb") as lines:
            for line in lines:
                words = line.decode(errors="replace").split()
                with self.changed:
                    if words[-1:] == ["ready"]:
                        self.boots += 1
                    elif len(words) == 3 and words[0] == "done":
                        self.done[int(words[1])] = int(words[2])
                    self.changed.notify_all()
        # The machine has ended: whoever waits shall see that.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with self.changed:
            self.changed.notify_all()

    def _wait_boot(self, number, started):
        with self.changed:
            while self.boots < number:
                self.changed.wait(1)
                if self.process.poll() is not None:
                    raise Failed(f"QEMU ended: {(self.folder / 'qemu.log').read_text()}")
                if time.monotonic() - started > BOOT_TIMEOUT:
                    raise Failed(f"not booted in {BOOT_TIMEOUT} s; the end of its console:\n"
                                 + self.console_log.read_text(errors="replace")[-3000:])
        # The agent is there early; what the tests mean by booted is that systemd is done.
        self.run("systemctl is-system-running --wait", BOOT_TIMEOUT)
        self.boot_seconds = time.monotonic() - started

    def reboot(self):
        """An orderly reboot; plugged devices stay plugged and what was written stays written."""
        started, boots = time.monotonic(), self.boots
        self.run("sync; systemctl --no-block reboot")
        self._wait_boot(boots + 1, started)

    def power_off(self):
        """Shuts down in order, so that a writable disk is complete."""
        self.run("sync; systemctl --no-block poweroff")
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            raise Failed("the machine does not power off") from None
        self.close()

    def close(self):
        """Ends the machine, however it is, and removes its files."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    # -- commands ------------------------------------------------------------------------------

    def run(self, command, timeout=120):
        """Runs a shell script inside; returns (exit status, output). Status 124: it took too long."""
        with self.changed:
            self.count += 1
            number = self.count
        (self.share / f"command-{number}").write_text(command + "\n")
        self.agent.sendall(f"{number} {timeout}\n".encode())
        with self.changed:
            # The machine itself ends the command at its timeout; the rest is for one that hangs as a whole.
            if not self.changed.wait_for(lambda: number in self.done or self.process.poll() is not None, timeout + 60):
                raise Failed(f"the machine does not answer: {command}")
            if number not in self.done:
                raise Failed(f"the machine ended at: {command}")
            status = self.done.pop(number)
        output = self.share / f"output-{number}"
        text = output.read_text(errors="replace")
        output.unlink()
        (self.share / f"command-{number}").unlink()
        return status, text

    def must(self, command, timeout=120):
        """The output of a command that has to succeed."""
        status, output = self.run(command, timeout)
        if status != 0:
            raise Failed(f"$ {command}\nexit status {status}\n{output}")
        return output

    def wait(self, condition, timeout=60, what=None):
        """Polls until a command succeeds, or a function returns something true; returns the output or that."""
        start, last, pause = time.monotonic(), None, 0.3
        while True:
            if callable(condition):
                try:
                    last = condition()
                    if last:
                        return last
                except Failed as failure:       # not yet, as it seems
                    last = failure
            else:
                status, last = self.run(condition, timeout)
                if status == 0:
                    return last
            if time.monotonic() - start > timeout:
                name = what or (condition if isinstance(condition, str) else condition.__name__)
                raise Failed(f"waited {timeout} s for: {name}\nat last: {last}")
            # Asking takes of the time of what is waited for: the machine's processors are slow.
            time.sleep(pause)
            pause = min(pause * 1.5, 1.5)

    def holds(self, condition, seconds, what):
        """The opposite of wait: the function has to return something true all the time."""
        end = time.monotonic() + seconds
        while True:
            last = condition()
            if not last:
                raise Failed(f"did not stay so for {seconds} s: {what}\nat last: {last!r}")
            if time.monotonic() > end:
                return
            time.sleep(0.5)

    def write(self, path, text):
        """Writes a file inside."""
        (self.share / "file").write_bytes(text if isinstance(text, bytes) else text.encode())
        self.must(f"mkdir -p \"$(dirname '{path}')\" && cat /run/testhost/file >'{path}'")

    def install(self, package, timeout=300):
        """Installs, or upgrades to, a Debian package, with the documentation that else has no place here."""
        shutil.copy(package, self.share / "package.deb")
        return self.must("dpkg --path-include='/usr/share/man/*' --path-include='/usr/share/doc/usb-hotplug/*' "
                         "--install /run/testhost/package.deb", timeout)

    # -- what the tests look at ------------------------------------------------------------------

    def now(self):
        """A point in the journal, for journal(since)."""
        return self.must("date +@%s.%N").strip()

    def journal(self, *matches, since=None):
        """Journal entries as dicts, oldest first. matches: FIELD=value, or units by -u NAME."""
        words = " ".join(f"'{match}'" for match in matches)
        after = f"--since='{since}'" if since else "-b"
        text = self.must(f"journalctl --sync; journalctl --no-pager -q -o json {after} {words}")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def trouble(self):
        """What one wants to read when a test has failed."""
        return self.run(
            "systemctl --no-pager --full status 'usb-hotplug*' 2>&1 | tail -n 120; echo; "
            "echo '--- journal'; journalctl -b --no-pager -o short-precise -u 'usb-hotplug*' -u libvirtd -u systemd-udevd "
            "-t usb-hotplug-match -t systemd-udevd -t kernel 2>&1 | tail -n 150; "
            "echo '--- failed units'; systemctl --failed --no-legend; virsh list --all; lsusb; lsusb -t; "
            "tail -n 20 /var/log/libvirt/qemu/*.log", 90)[1]

    # -- hardware ------------------------------------------------------------------------------

    def plug(self, driver, id, port=None, drive=None, writable=False, **options):
        """Plugs a device in: usb-mouse, usb-kbd, usb-tablet, usb-serial, usb-storage, usb-hub…

        port is the controller's number ("3") or a way through hubs ("3.1"); drive, the file behind a
        usb-storage (to read only unless writable); options are QEMU's, among them serial="…".
        """
        options = {"driver": driver, "id": id, "bus": "xhci.0", **options}
        if port is not None:
            options["port"] = str(port)
        if driver == "usb-serial" and "chardev" not in options:
            self._try("chardev-remove", id=f"{id}-line")
            self.qmp("chardev-add", id=f"{id}-line", backend={"type": "null", "data": {}})
            # Else it is there only while someone has the other end of the line open.
            options |= {"chardev": f"{id}-line", "always-plugged": True}
        if driver == "usb-storage":
            # The drive of an earlier stick by this name goes when QEMU has let the stick go.
            self._try("blockdev-del", **{"node_name": f"{id}-drive"})
            self.qmp("blockdev-add", **{"node_name": f"{id}-drive", "driver": "raw", "read_only": not writable,
                                        "file": {"driver": "file", "filename": str(drive), "locking": "off"}})
            options["drive"] = f"{id}-drive"
        self.qmp("device_add", **options)

    def unplug(self, id, timeout=30):
        """Pulls a device out and waits until QEMU says that it is gone."""
        since = len(self.qmp.events)
        self.qmp("device_del", id=id)
        self.qmp.wait_event("DEVICE_DELETED", lambda data: data.get("device") == id, timeout, since)

    def plugged(self):
        """Names of the devices that are plugged in."""
        return {entry["name"] for entry in self.qmp("qom-list", path="/machine/peripheral")
                if entry["type"].startswith("child<usb-")}

    def unplug_all(self):
        """Pulls everything out, what is behind hubs together with them."""
        names = sorted(self.plugged())
        for name in names:
            if name in self.plugged():
                self.unplug(name)

    def _try(self, command, **arguments):
        try:
            self.qmp(command, **arguments)
        except Failed:
            pass

    # -- guests --------------------------------------------------------------------------------

    def define_guest(self, name, ports=15, boot_usb=False, autostart=False, controllers=1):
        """A guest with USB controllers and no disk; what it says on its serial line is guest_says().

        Unless it shall boot from a USB disk its firmware does nothing: QEMU's own would look for something to boot,
        and then wait for a key for ever, which takes a quarter of the emulated processors.
        """
        firmware = '<bios rebootTimeout="5000"/>'
        if not boot_usb:
            self.write(HALT_ROM, halt_rom())
            firmware = f'<loader readonly="yes" type="rom">{HALT_ROM}</loader>'
        usb = "".join(f'<controller type="usb" index="{index}" model="qemu-xhci" ports="{ports}"/>'
                      for index in range(controllers))
        self.write(f"/run/{name}.xml", f"""<domain type="qemu"><name>{name}</name><memory unit="MiB">64</memory>
<vcpu>1</vcpu><os><type arch="x86_64" machine="q35">hvm</type>{firmware}<boot dev="hd"/></os>
<features><acpi/></features><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
{usb}
<serial type="file"><source path="/var/log/guest-{name}.log"/></serial>
<memballoon model="none"/></devices></domain>""")
        self.must(f"virsh -q define /run/{name}.xml")
        self.must(f"virsh -q autostart {'' if autostart else '--disable'} {name}")

    def guest_says(self, name):
        """What the guest has written on its serial line."""
        return self.run(f"cat /var/log/guest-{name}.log")[1]
