# SPDX-License-Identifier: LGPL-2.1-or-later
"""usb-hotplugctl tree, guests, status, log and monitor: what is to be seen of devices and guests."""
import json

import look

from story import MOUSE, configure, guest_has, host_has, ready

CTL = "usb-hotplugctl"


def seen(host, words):
    """What a verb says as JSON; standard error is not among it."""
    return json.loads(host.must(f"{CTL} {words} --json 2>/dev/null"))


def events(host, words):
    return [json.loads(line) for line in host.must(f"journalctl --sync; {CTL} {words} --json").splitlines()]


def kinds(found):
    return [event["event"] for event in found]


def test_tree_guests_and_status(host):
    configure(host, "linux", '[[usb]]\nport = "1-6"\n')
    look.destroy_guest(host, "linux")
    ready(host, "win10", '[[usb]]\nserial = "Wanted"\ndescription = "My mouse"\n')
    look.plug(host, "usb-hub", "hub", 7)
    mouse = look.plug(host, "usb-mouse", "mouse", "7.1", serial="Wanted")
    waiting = look.plug(host, "usb-tablet", "waiting", 6)
    guest_has(host, "win10", mouse)

    bus = next(bus for bus in seen(host, "tree")["buses"] if bus["port"] == "usb1")
    below = {device["port"]: device for device in bus["devices"]}
    assert bus["ports"] >= len(below) and bus["hub"]
    assert (below["1-7"]["state"], below["1-7"]["ports"]) == ("host", 8)
    assert [device["port"] for device in below["1-7"]["devices"]] == ["1-7.1"]
    assert (below["1-6"]["guest"], below["1-6"]["state"]) == ("linux", "waiting")
    listed = {device["port"]: device for device in seen(host, "list")["devices"]}
    shown = below["1-7"]["devices"][0]
    assert listed["1-7.1"] == {key: shown[key] for key in listed["1-7.1"]}
    assert listed["1-7.1"] == {
        "port": "1-7.1", "node": mouse.node, "id": MOUSE, "vendor": "QEMU", "product": "QEMU USB Mouse",
        "serial": "Wanted", "hub": False, "guest": "win10", "state": "attached",
        "reason": '[[usb]] rule "My mouse" in /etc/usb-hotplug/win10.toml, line 1', "unit": mouse.unit, "disk": None}
    drawn = host.must(f"{CTL} tree").splitlines()
    [line] = [line for line in drawn if "1-7.1 " in line]
    assert line.lstrip("|` -").startswith("1-7.1 ") and line.index("1-7.1") > 2 and " attached " in line
    assert "\x1b" not in "".join(drawn)

    guests = {guest["name"]: guest for guest in seen(host, "guests")["guests"]}
    assert {key: guests["win10"][key] for key in ("enabled", "state", "attached", "waiting", "ports", "free_ports",
                                                  "usb3", "problem")} == \
        {"enabled": True, "state": "running", "attached": 1, "waiting": 0, "ports": 15, "free_ports": 14,
         "usb3": True, "problem": None}
    assert {key: guests["linux"][key] for key in ("enabled", "state", "attached", "waiting", "free_ports")} == \
        {"enabled": False, "state": "off", "attached": 0, "waiting": 1, "free_ports": 15}
    rows = [line.split() for line in host.must(f"{CTL} guests").splitlines()[1:]]
    assert [row[:8] for row in rows] == [["linux", "no", "off", "0", "1", "15", "of", "15"],
                                         ["win10", "yes", "running", "1", "0", "14", "of", "15"]]

    status = seen(host, f"status {mouse.port}")
    assert (status["device"]["state"], status["device"]["unit_state"]) == ("attached", "active")
    assert kinds(status["events"])[-1:] == ["attached"]
    text = host.must(f"{CTL} status {mouse.port}")
    assert f"Unit: {mouse.unit}, active" in text and "Plugged: " in text and " attached  win10 has " in text
    assert "waiting for linux, which is not enabled" in host.must(f"{CTL} status {waiting.node}")


def test_log(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    mouse = look.plug(host, "usb-mouse", "mouse", 3)
    guest_has(host, "win10", mouse)
    host.must(f"systemctl stop {mouse.unit}")
    host_has(host, mouse)
    # Anybody can write to the journal, and say there whatever they like.
    host.must("printf 'MESSAGE=made up\\nUSB_HOTPLUG_PORT=1-3\\nUSB_HOTPLUG_GUEST=win10\\n' >/run/made-up; "
              "chmod a+r /run/made-up; runuser -u nobody -- logger --journald=/run/made-up; journalctl --sync")
    assert len(host.journal("MESSAGE=made up")) == 1
    host.unplug("mouse")
    look.gone(host, mouse)
    for what in (mouse.port, mouse.node, mouse.unit, MOUSE):     # though it is not there any more
        found = events(host, f"log {what}")
        assert kinds(found)[-2:] == ["attached", "detached"], what
        assert (found[-2]["port"], found[-2]["guest"], found[-2]["node"]) == (mouse.port, "win10", mouse.node)
    found = events(host, "log win10")
    assert "running" in kinds(found) and kinds(found).index("running") < len(found) - 1
    assert "made up" not in json.dumps(found)
    lines = host.must(f"{CTL} log win10 --lines 2").splitlines()
    assert len(lines) == 2 and f" detached  The host has {MOUSE} at port {mouse.port} again" in lines[1]
    assert host.run(f"{CTL} log win01")[0] == 5
    assert host.must(f"bash -c '{CTL} log | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}'") == "0\n"


def test_monitor(host):
    ready(host, "win10", f'[[usb]]\nid = "{MOUSE}"\n')
    host.must("systemd-run -q --unit=seeing -p StandardOutput=truncate:/run/seen -p StandardError=truncate:/run/seen.err "
              f"{CTL} monitor --json")
    try:
        host.wait("grep -q Watching /run/seen.err", 60, "the monitor to watch")
        mouse = look.plug(host, "usb-mouse", "mouse", 3)
        guest_has(host, "win10", mouse)
        host.must(f"systemctl stop {mouse.unit}")
        host_has(host, mouse)
        host.unplug("mouse")
        look.gone(host, mouse)
        host.wait("grep -q unplugged /run/seen", 30, "the monitor to see that the mouse is gone")
    finally:
        host.run("systemctl stop seeing.service")
    assert look.unit(host, "seeing.service")["Result"] in ("success", "")
    found = [json.loads(line) for line in host.must("cat /run/seen").splitlines()]
    ours = [event for event in found if event["port"] == mouse.port]
    assert kinds(ours) == ["plugged", "matched", "attached", "detached", "unplugged"]
    assert all(event["node"] == mouse.node and event["id"] == MOUSE for event in ours)
    assert 0 < ours[2]["took_us"] < 60_000_000
    assert ours[1]["text"].endswith("is wanted by win10")
    assert [event["time"] for event in ours] == sorted(event["time"] for event in ours)
