#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test machine to try things on by hand, without booting one each time.

    console.py boot [SUITE]         boots one with the product installed, and keeps it until
                                    "quit" or Ctrl-C; run it in the background or another terminal
    console.py COMMAND              runs a shell command in it
    console.py :EXPRESSION          evaluates Python here: host is the machine, and look, product and
                                    bootstick are there too, e.g.  :look.plug(host, "usb-mouse", "m", 3)
    console.py :install()           builds the product and installs it anew
    console.py quit

One machine at a time; it listens at BUILD/testhost/console.
"""
import contextlib
import pathlib
import socket
import sys
import traceback

import bootstick
import image
import look
import product
from testhost import TestHost

PATH = image.BUILD / "testhost" / "console"


def answer(host, suite, text):
    """What the caller sees for one line, with the exit status it gets before it."""
    if not text.startswith(":"):
        status, output = host.run(text, 300)
        return status, output
    names = {"host": host, "look": look, "product": product, "bootstick": bootstick, "pathlib": pathlib,
             "install": lambda: host.install(product.make(suite))}
    try:
        return 0, f"{eval(text[1:], names)}\n"
    except Exception:
        return 1, traceback.format_exc()


def serve(suite):
    package = product.make(suite)
    with TestHost(image.make(suite)) as host, socket.socket(socket.AF_UNIX) as listener:
        host.install(package)
        for guest in ("win10", "linux"):
            host.define_guest(guest)
        PATH.unlink(missing_ok=True)
        listener.bind(str(PATH))
        listener.listen()
        print(f"booted in {host.boot_seconds:.0f} s", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                caller, _ = listener.accept()
                with caller, caller.makefile("rw") as stream:
                    text = stream.read()
                    if text == "quit":
                        break
                    status, output = answer(host, suite, text)
                    with contextlib.suppress(BrokenPipeError):
                        stream.write(f"{status}\n{output}")
                        stream.flush()
        PATH.unlink(missing_ok=True)


def ask(text):
    with socket.socket(socket.AF_UNIX) as stream:
        try:
            stream.connect(str(PATH))
        except OSError:
            sys.exit("console.py: no machine is there; boot one with: console.py boot")
        stream.sendall(text.encode())
        stream.shutdown(socket.SHUT_WR)
        status, _, output = stream.makefile("r").read().partition("\n")
    sys.stdout.write(output)
    return int(status or 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] == "boot":
        serve(*(sys.argv[2:] or [image.host_suite()]))
    else:
        sys.exit(ask(" ".join(sys.argv[1:])))
