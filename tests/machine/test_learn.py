# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules made of devices, and devices described for another machine."""
import look

from story import configure, guest_has, ready

CTL = "usb-hotplugctl"
CARDS = "08e6:4433"     # QEMU's usb-ccid
KEPT = '# mine\n[guest]   # too\n[[usb]]\nid = "dead:beef"\n'


def start(host, unit, command):
    host.must(f"systemctl reset-failed {unit} 2>&1; systemd-run -q --unit={unit} --property=RemainAfterExit=yes "
              f"--property=StandardOutput=file:/run/{unit} --property=StandardError=journal {command}")


def result(host, unit):
    """What a command that start() began has printed, once it has ended well."""
    host.wait(lambda: look.unit(host, f"{unit}.service")["SubState"] == "exited", 90, f"{unit} to end")
    text = host.must(f"cat /run/{unit}")
    host.must(f"systemctl stop {unit}; rm /run/{unit}")
    return text


def test_learn_the_next_device(host):
    ready(host, "win10", KEPT)
    start(host, "learn", f"/usr/bin/{CTL} learn win10 --timeout 3min")
    start(host, "rule", f"/usr/bin/{CTL} rule --wait --timeout 3min")
    host.holds(lambda: look.unit(host, "learn.service")["SubState"] == "running", 2, "waiting for a device")
    look.plug(host, "usb-hub", "hub", 5)
    cards = look.plug(host, "usb-ccid", "cards", "5.1")
    told, rule = result(host, "learn"), result(host, "rule")
    assert "systemctl reload-or-restart usb-hotplug-guest@win10.service" in told
    assert f'id = "{CARDS}"' in rule
    assert host.must("cat /etc/usb-hotplug/win10.toml") == KEPT + "\n" + rule
    host.must("systemctl reload-or-restart usb-hotplug-guest@win10.service")
    guest_has(host, "win10", cards)
    status, text = host.run(f"{CTL} learn win10 {cards.port}")
    assert (status, "wants the device already" in text) == (1, True)


def test_a_described_device_is_decided_about_alike(host):
    rules = f'[[usb]]\nid = "{CARDS}"\nport = "9-9"\n[[usb]]\ninterface = {{ class = "smart-card" }}\n'
    configure(host, "win10", rules)
    cards = look.plug(host, "usb-ccid", "cards", 3)
    live = host.must(f"{CTL} explain {cards.port}")
    host.must(f"{CTL} explain {cards.port} --record /run/cards")
    host.unplug("cards")
    look.gone(host, cards)
    described = host.must(f"{CTL} explain --device /run/cards; rm /run/cards")

    def rules_of(text):
        return [line for line in text.splitlines() if line.startswith("    line ")]
    assert len(rules_of(live)) == 2 and rules_of(described) == rules_of(live)
    assert "wants it, by line 4" in live and "wants it, by line 4" in described
