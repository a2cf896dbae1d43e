// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/import_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::imports;
using namespace usb_hotplug::imports::test;

namespace {

constexpr std::string_view devices = R"(
# The domain that gets them
domain="win10"
devlist=(
    046d:c52b   # Receiver
    "0781:5567" # Stick
    '10C4:EA60'
)
devlist+=( 051d:0002 )
)";

} // namespace

TEST_CASE("libvirt-usb-hotplug.conf with a whitelist decides the same") {
    const Imported result = imported(std::string(devices) + "mode=whitelist\n");
    CHECK(result.files.at(0).notes.empty());
    check_decisions(result, {{"the first", device_of("046d", "c52b"), "win10"},
                             {"in double quotes", device_of("0781", "5567"), "win10"},
                             {"in single quotes", device_of("10c4", "ea60"), "win10"},
                             {"appended", device_of("051d", "0002"), "win10"},
                             {"another", device_of("046d", "c534"), ""}});
    CHECK(result.files[0].toml == R"(# Made of file by usb-hotplugctl import.

[[usb]]
description = "Receiver"
id = "046d:c52b"

[[usb]]
description = "Stick"
id = "0781:5567"

[[usb]]
id = "10c4:ea60"

[[usb]]
id = "051d:0002"
)");
}

TEST_CASE("libvirt-usb-hotplug.conf with a blacklist decides the same") {
    const Imported result = imported(std::string(devices) + "matching='blacklist'\n");
    check_decisions(result, {{"on the list", device_of("046d", "c52b"), ""},
                             {"the last on the list", device_of("051d", "0002"), ""},
                             {"another", device_of("046d", "c534"), "win10"},
                             {"a hub", device({{"TYPE", "9/0/1"}}), ""}});
}

TEST_CASE("libvirt-usb-hotplug.conf with matchall decides the same") {
    const Imported result = imported(std::string(devices) + "mode=matchall # all of them\n");
    check_decisions(result, {{"on the list", device_of("046d", "c52b"), "win10"},
                             {"another", device_of("046d", "c534"), "win10"}});
    CHECK(
        has(result.files[0].toml, "# devlist does not count with matchall, and has 4 devices.\n"));
}

TEST_CASE("assignments follow each other as in bash") {
    check_decisions(imported("domain=a\nDOMAIN=b\nmode=blacklist\ndevlist=(046d:c52b)\n"
                             "devlist=(0781:5567)\nmode=whitelist\n"),
                    {{"replaced", device_of("046d", "c52b"), ""},
                     {"the last", device_of("0781", "5567"), "b"}});
}

TEST_CASE("what is no plain assignment is said, and never run") {
    const std::string conf = "domain=win10\n"
                             "mode=whitelist\n"
                             "if [ -e /etc/more ]; then . /etc/more; fi\n"
                             "x=$(touch /tmp/x)\n"
                             "y=\"`id`\"\n"
                             "z=\"$HOME\"\n"
                             "color=red\n"
                             "a=b reboot\n"
                             "devlist=(046d:c52b)\n"
                             "devlist+=($(lsusb))\n"
                             "devlist+=(\n"
                             "  0781:5567\n"
                             "  05ac:*\n"
                             ")\n"
                             "devlist+=(nonsense)\n";
    const Imported result = imported(conf);
    check_decisions(result, {{"plain", device_of("046d", "c52b"), "win10"},
                             {"in a list that is not plain", device_of("0781", "5567"), ""}});
    CHECK(result.files[0].notes ==
          std::vector<std::string>{
              "Not carried over: line 3: if [ -e /etc/more ]; then . /etc/more; fi (no plain "
              "assignment)",
              "Not carried over: line 4: x=$(touch /tmp/x) (no plain assignment)",
              "Not carried over: line 5: y=\"`id`\" (no plain assignment)",
              "Not carried over: line 6: z=\"$HOME\" (no plain assignment)",
              "Not carried over: line 7: color=red (neither a domain, a mode nor devlist)",
              "Not carried over: line 8: a=b reboot (no plain assignment)",
              "Not carried over: line 10: devlist+=($(lsusb)) (no plain assignment)",
              "Not carried over: line 11: devlist+=( (no plain assignment)",
              "Not carried over: line 12: 0781:5567 (no plain assignment)",
              "Not carried over: line 13: 05ac:* (no plain assignment)",
              "Not carried over: line 14: ) (no plain assignment)",
              "Not carried over: in devlist: \"nonsense\" (not vendor:product, four hexadecimal "
              "digits each)",
          });
    CHECK(has(result.files[0].toml, "# Not carried over: line 4: x=$(touch /tmp/x) (no plain "
                                    "assignment)\n"));
}

TEST_CASE("a blacklist that is not understood as a whole gives the guest nothing") {
    for (const char* rest : {". /etc/more\n", "devlist+=($(cat list))\n", "devlist+=(1234)\n"}) {
        CAPTURE(rest);
        const Imported result = imported(std::string(devices) + "mode=blacklist\n" + rest);
        check_decisions(result, {{"not on the list", device_of("046d", "c534"), ""}});
        CHECK(has(result.files[0].toml, "# Differs: the file is not understood as a whole"));
        CHECK(has(result.files[0].toml, "[[usb]]\nenabled = false\nall = true\n"));
    }
}

TEST_CASE("broken libvirt-usb-hotplug.conf") {
    check_messages(
        Format::LibvirtUsbHotplug,
        {
            {"empty", "", "file: no domain is assigned; add a line with its name, domain=..."},
            {"no domain", "mode=whitelist\ndevlist=(046d:c52b)\n",
             "file: no domain is assigned; add a line with its name, domain=..."},
            {"no mode", "domain=win10\ndevlist=(046d:c52b)\n",
             "file: neither whitelist, blacklist nor matchall is assigned to anything; add a line, "
             "mode=whitelist"},
            {"a domain that bash would make", "domain=$(hostname)\nmode=matchall\n",
             "file: no domain is assigned; add a line with its name, domain=..."},
            {"a NUL", std::string_view("domain=a\nmo\0de", 14),
             "file:2:3: there is a NUL character; this is no text file"},
            {"Latin-1", "domain=a\n# caf\xe9\n",
             "file:2:6: not valid UTF-8; convert the file first, for instance with 'iconv -f "
             "latin1 "
             "-t utf8'"},
        });
}
