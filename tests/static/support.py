# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the static checks share: where things are, and how a tool is run."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["USB_HOTPLUG_BUILD"])

# Each program and its page.
PAGES = {
    "usb-hotplug-match": "usb-hotplug-match.8",
    "usb-hotplug-worker": "usb-hotplug-worker.8",
    "usb-hotplug-guest": "usb-hotplug-guest@.service.8",
    "usb-hotplugctl": "usb-hotplugctl.1",
}


class Check(unittest.TestCase):
    maxDiff = None

    def assert_none(self, found, what):
        """Every place at once, one a line."""
        found = [str(each) for each in found]
        self.assertFalse(found, what + ":\n  " + "\n  ".join(found))


def tool(name):
    """A missing tool is a failure, as a check that did not run says nothing."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise AssertionError(f"{name} is missing; 'tests/run packages unit' installs it")
    return path


def run(*command, env=None):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
    return subprocess.run([str(word) for word in command], env=environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=100)


def output(*command, env=None):
    """What a command prints that must succeed."""
    done = run(*command, env=env)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def program(name):
    return BUILD / "src" / name


def read(path):
    return (SOURCE / path).read_text(encoding="utf-8")


@functools.cache
def files():
    """Every file of the project, relative to it. Not asked of git: a tarball has none. Without what
    fuzzers start from, which is bytes."""
    found = []
    for folder, folders, names in os.walk(SOURCE):
        here = pathlib.Path(folder)
        folders[:] = [name for name in folders
                      if name not in (".git", "__pycache__")
                      and here / name not in (SOURCE / "build", SOURCE / "tests/fuzz/corpus")
                      and not (here / name / "meson-private").exists()]
        found += [(here / name).relative_to(SOURCE) for name in names if name != ".git"]
    return sorted(found)


def files_below(folder, *suffixes):
    return [path for path in files()
            if path.parts[0] == folder and (not suffixes or path.suffix in suffixes)]


@functools.cache
def page(name):
    """The sections of a page's source, by heading in the order of the page."""
    # A root prompt or a comment in an example looks alike, but does not begin with two capitals.
    parts = re.split(r"^# ([A-Z]{2}.+)\n", read(f"man/{name}.scd"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


@functools.cache
def options():
    """How the build folder is configured."""
    said = json.loads(output(tool("meson"), "introspect", "--buildoptions", BUILD))
    return {each["name"]: each["value"] for each in said}


def temporary_folder(cleanup):
    """A folder for a test; cleanup is the test's addCleanup, or its class's addClassCleanup."""
    folder = tempfile.TemporaryDirectory(prefix="usb-hotplug-")
    cleanup(folder.cleanup)
    return pathlib.Path(folder.name)


def install_module(root):
    """The module for regular expressions, for programs that look for it below this folder."""
    values = options()
    module = root / f"{values['prefix']}/{values['libdir']}/usb-hotplug/usb-hotplug-regex.so".lstrip("/")
    module.parent.mkdir(parents=True)
    module.symlink_to(program("usb-hotplug-regex.so"))


def install(cleanup):
    """The product as "meson install" puts it below a folder."""
    root = temporary_folder(cleanup)
    output(tool("meson"), "install", "-C", BUILD, "--no-rebuild", "--destdir", root)
    return root
