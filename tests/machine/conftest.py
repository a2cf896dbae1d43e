# SPDX-License-Identifier: LGPL-2.1-or-later
"""pytest's side of the test machine: one is booted per run, for the suite that --suite names.

`machine` is the bare machine with its guests; `host` is the same one with the product
installed. What a test leaves plugged in, configured or running is cleared after it.
"""
import os
import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import image        # noqa: E402  (the folder of these tests is no package)
import product      # noqa: E402
from testhost import TestHost   # noqa: E402

GUESTS = ("win10", "linux")
BOOTED = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--suite", default=image.host_suite(), choices=image.SUITES,
                     help="the Debian suite of the test machine")
    parser.addoption("--cycles", type=int, default=int(os.environ.get("USB_HOTPLUG_SOAK", "500")),
                     help="how often test_soak.py plugs and unplugs; by default USB_HOTPLUG_SOAK of the environment, "
                          "or 500")
    parser.addoption("--share", action="store_true",
                     help="what is marked `everywhere`, nothing that is marked `thorough`, and of all other tests those "
                          "whose turn it is on this suite")


def pytest_report_header(config):
    return f"test machine: Debian {config.getoption('--suite')}"


@pytest.fixture(scope="session")
def suite(request):
    return request.config.getoption("--suite")


@pytest.fixture(scope="session")
def machine(request, suite):
    """A booted machine with two guests defined, neither running."""
    with TestHost(image.make(suite)) as host:
        request.config.stash[BOOTED] = host
        for guest in GUESTS:
            host.define_guest(guest)
        yield host
        del request.config.stash[BOOTED]


@pytest.fixture(scope="session")
def host(machine, suite):
    """The machine with the product installed."""
    machine.install(product.make(suite))
    return machine


# virsh takes most of a second to start on an emulated processor: only where there is something to do.
CLEAN = f"""
targets=$(systemctl list-units --all --plain --no-legend 'usb-hotplug@*.target' | awk '{{print $1}}')
[ -z "$targets" ] || systemctl stop $targets
for link in /etc/systemd/system/*.wants/usb-hotplug@*.target; do
    [ ! -L $link ] || systemctl -q disable ${{link##*/}}
done
for file in $(grep -lE '<hostdev|ua-usb-hotplug' /run/libvirt/qemu/*.xml 2>/dev/null); do
    virsh -q destroy $(basename $file .xml)
done
for guest in {' '.join(GUESTS)}; do
    [ ! -e /etc/libvirt/qemu/autostart/$guest.xml ] || virsh -q autostart --disable $guest
    rm -f /var/log/guest-$guest.log
done
rm -rf /etc/usb-hotplug/* /run/usb-hotplug/left /run/udev/rules.d/*
systemctl reset-failed
"""


@pytest.fixture(autouse=True)
def clean(request):
    """Every test finds nothing plugged in, nothing attached and no configuration.

    Guests keep running, because starting one takes long; a test to which it matters starts or ends them.
    """
    yield
    booted = request.config.stash.get(BOOTED, None)
    if booted is not None:
        booted.unplug_all()
        booted.must(CLEAN, 300)


@pytest.fixture(scope="session")
def figure(suite):
    """Notes a measured value, which tests/run prints at its end."""
    def note(name, value):
        image.BUILD.mkdir(parents=True, exist_ok=True)
        with open(image.BUILD / "figures.txt", "a", encoding="utf-8") as lines:
            lines.write(f"{suite}: {name}: {value}\n")
    return note


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure comes with what the machine says about it."""
    report = (yield).get_result()
    booted = item.config.stash.get(BOOTED, None)
    if report.failed and booted is not None:
        try:
            report.sections.append(("the machine", booted.trouble()))
        except Exception as error:      # the machine may be what failed
            report.sections.append(("the machine", f"does not answer: {error}"))


def share(items, suite):
    """The tests that are for this suite when the suites share them."""
    items = [item for item in items if "thorough" not in item.keywords]
    turns = [item for item in items if not {"everywhere", "measured"} & set(item.keywords)]
    others = {item for number, item in enumerate(turns)
              if image.SUITES[number % len(image.SUITES)] != suite}
    return [item for item in items if item not in others]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Tests that reboot the machine come last, and the cheap proof that it works first."""
    suite = config.getoption("--suite")
    kept = [item for item in items if suite == image.SUITES[0] or "measured" not in item.keywords]
    if config.getoption("--share"):
        kept = share(kept, suite)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
    items.sort(key=lambda item: ("test_smoke" not in item.nodeid, "reboot" in item.keywords))


def pytest_configure(config):
    config.addinivalue_line("markers", "reboot: restarts the machine")
    config.addinivalue_line("markers", "measured: a figure that takes minutes; on the oldest suite alone")
    config.addinivalue_line("markers", "everywhere: a main behaviour, or one that differs between suites; see --share")
    config.addinivalue_line("markers", "thorough: a variation of what others show, or what unit tests show as well; "
                                       "left out with --share")
    config.addinivalue_line("markers", "soak: plugs and unplugs for a long time; only with -m soak")
    config.addinivalue_line("markers", "scale: a hundred devices, on a machine of its own; only with -m scale")
    config.addinivalue_line("markers", "fault: breaks something at a chosen moment; only with -m fault")
    config.option.markexpr = config.option.markexpr or "not soak and not scale and not fault"
    config.stash[STARTED] = time.monotonic()


STARTED = pytest.StashKey()


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.write_line(f"{config.getoption('--suite')}: {time.monotonic() - config.stash[STARTED]:.0f} s")
