#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds the product for a suite, and its Debian package.

    product.py [bookworm|trixie]

On the suite that this program runs on, the product is built here, in the build folder.
For another suite it is built in the tree that the machine's disk was made from, after the
build dependencies were added to it; that happens once per disk. ninja does only what is new, and the
package is of what ninja has built, and made when that or the packaging has changed.
"""
import hashlib
import os
import shlex
import shutil
import subprocess
import sys

import image

OPTIONS = ["--werror"]
# The unit tests run where the project is built. Some files at a time, as that takes a third of the time; what is
# a shadow there is none to whoever reads the one file.
FOREIGN_OPTIONS = [*OPTIONS, "-Dtests=false", "--unity=on", "-Dunity_size=8", "-Dcpp_args=-Wno-shadow"]

# Everything that is mounted lives in a mount namespace of its own and goes with it,
# also when this program is killed.
ENTER = r"""set -e
root=$1; source=$2; build=$3; shift 3
mkdir -p "$root/source" "$root/build" "$build"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$source" "$root/source"
mount -o remount,bind,ro "$root/source"
mount --bind "$build" "$root/build"
cp -L --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
    DEBIAN_FRONTEND=noninteractive /bin/bash -ec "$1"
"""


def packages(purpose):
    """The Debian packages of a purpose, from tests/packages."""
    found, lines = [], (image.SOURCE / "tests" / "packages").read_text().splitlines()
    for line in lines:
        name, colon, words = line.partition(":")
        if colon and name == purpose:
            for word in words.split():
                found += packages(word[1:]) if word.startswith("@") else [word]
    if not found:
        raise ValueError(f"tests/packages has no purpose {purpose}")
    return found


def inside(root, build, script, log_file):
    """Runs a script in a tree, with the source at /source (to read only) and a build folder at /build."""
    image.command(["unshare", "--mount", "--propagation", "private", "bash", "-c", ENTER, "enter",
                   root, image.SOURCE, build, script], log_file)


def prepare(machine, log_file):
    """Adds the build dependencies to the tree of a foreign suite, once."""
    wanted = " ".join(packages(f"build-{machine.suite}"))
    stamp = machine.folder / "build-packages"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    image.log(f"installing the build dependencies for {machine.suite}")
    inside(machine.root, machine.folder / "product",
           "apt-get -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -qq update; "
           f"apt-get -o Dpkg::Options::=--force-unsafe-io -qq -y --no-install-recommends install {wanted}", log_file)
    stamp.write_text(wanted)


def state_of(*folders):
    """A hash of all that is in these, for a package that need not be made again."""
    state = hashlib.sha256()
    for path in sorted(path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])):
        said = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        state.update(repr((str(path), path.lstat().st_mode, hashlib.sha256(said).hexdigest())).encode())
    return state.hexdigest()


def pack(machine, folder, version, execute):
    """The package of what is built in `folder`, with this version, or the packaging's own."""
    packages = folder / "packages" / (version or "own")
    stamp = packages / "state"
    wanted = state_of(folder / "destdir", image.SOURCE / "contrib" / "deb", image.SOURCE / "contrib" / "debian")
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(packages, ignore_errors=True)
        image.log(f"making the package for {machine.suite}")
        option = f"--version {shlex.quote(version)}" if version else ""
        execute(f"$source/contrib/deb --built $build {option} $build/packages/{packages.name}")
        stamp.write_text(wanted)
    [package] = packages.glob("usb-hotplug_*.deb")
    return package


def make(suite, version=None):
    """Builds, and returns the package; `version` is what it calls itself instead of the project's."""
    machine = image.make(suite)
    log_file = machine.folder / "product.log"
    with image.lock(image.BUILD / "testhost" / f"{suite}.product.lock"):
        log_file.unlink(missing_ok=True)
        native = suite == image.host_suite()
        folder = image.BUILD if native else machine.folder / "product"
        folder.mkdir(parents=True, exist_ok=True)

        def execute(script):
            if native:
                names = f"build={shlex.quote(str(folder))} source={shlex.quote(str(image.SOURCE))}; "
                image.command(["bash", "-ec", names + script], log_file)
            else:
                inside(machine.root, folder, "build=/build source=/source; " + script, log_file)

        if not native:
            prepare(machine, log_file)
        destination = folder / "destdir"
        shutil.rmtree(destination, ignore_errors=True)
        image.log(f"building the product for {suite}")
        execute("cd /; [ -e $build/build.ninja ] || "
                f"meson setup {shlex.join(OPTIONS if native else FOREIGN_OPTIONS)} $build $source; "
                "meson compile -C $build; meson install -C $build --no-rebuild --destdir $build/destdir")
        return pack(machine, folder, version, execute)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("product.py: needs root")
    for name in sys.argv[1:] or [image.host_suite()]:
        print(make(name))
