// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of base/unit_name: the escaping of systemd, and which names can be what.

#include "base/unit_name.h"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace std::string_view_literals;

namespace {

struct Escaped {
    std::string_view path;
    std::string_view instance;
};

/// As "systemd-escape --path" of systemd 252 says.
constexpr std::array from_systemd = {
    Escaped{"/dev/bus/usb/001/005", "dev-bus-usb-001-005"},
    Escaped{"/dev/sdb", "dev-sdb"},
    Escaped{"/dev/input/event5", "dev-input-event5"},
    Escaped{"/dev/my-disk", "dev-my\\x2ddisk"},
    Escaped{"/.hidden", "\\x2ehidden"},
    Escaped{"/a/.b", "a-.b"},
    Escaped{"/a b", "a\\x20b"},
    Escaped{"/dev/\xc3\xbc", "dev-\\xc3\\xbc"},
    Escaped{"/dev/a\\b", "dev-a\\x5cb"},
    Escaped{"/x:y_z.w", "x:y_z.w"},
    Escaped{"/@x", "\\x40x"},
    Escaped{"/dev/usb~1", "dev-usb\\x7e1"},
    Escaped{"/dev/%i", "dev-\\x25i"},
    Escaped{"/a\nb", "a\\x0ab"},
};

} // namespace

TEST_CASE("a path is escaped as systemd-escape does") {
    for (const Escaped& c : from_systemd) {
        CAPTURE(c.path);
        CHECK(escape_path(c.path) == c.instance);
    }
    CHECK(escape_path("/") == "-");
    CHECK(escape_path("//") == "-");
    CHECK(escape_path("/dev//bus/") == "dev-bus");
}

TEST_CASE("unescaping gives the path back") {
    for (const Escaped& c : from_systemd) {
        CAPTURE(c.instance);
        CHECK(unescape_path(c.instance) == c.path);
    }
}

TEST_CASE("every byte survives escaping, and nothing escaped leaves its folder") {
    for (int byte = 1; byte < 256; ++byte) {
        if (byte == '/') {
            continue;
        }
        const std::string path = std::string("/x") + static_cast<char>(byte);
        const std::string instance = escape_path(path);
        CAPTURE(byte);
        CHECK(unescape_path(instance) == path);
        CHECK(instance.find('/') == std::string::npos);
    }
    for (const std::string_view hostile : {"", "/", ".", "..", "/..", "../../etc/passwd", "/./."}) {
        const std::string instance = escape_path(hostile);
        CAPTURE(hostile);
        CHECK(instance.find('/') == std::string::npos);
        CHECK(instance[0] != '.');
    }
}

TEST_CASE("what is no escaped path is not unescaped") {
    for (const std::string_view bad :
         {""sv, "a/b"sv, "dev\\x2"sv, "dev\\"sv, "dev\\xzz"sv, "dev\\x2z"sv, "dev\\x00"sv,
          "dev\\n"sv, "a b"sv, "a\nb"sv, "a\0b"sv, "d\xc3\xa9v"sv, "a@b"sv, "a%b"sv, "a~"sv,
          // Not what escaping gives: empty parts, a way out of the folder, other spellings.
          "dev--x"sv, "-dev"sv, "dev-"sv, "dev-..-etc"sv, "..-etc"sv, "\\x2fdev"sv, "\\x2f"sv,
          "dev\\x61"sv, "dev\\x2D"sv}) {
        CAPTURE(bad);
        CHECK(unescape_path(bad) == std::nullopt);
    }
    CHECK(unescape_path("-") == "/");
    CHECK(unescape_path(std::string(200, 'a')) == "/" + std::string(200, 'a'));
    CHECK(unescape_path(std::string(201, 'a')) == std::nullopt);
}

TEST_CASE("a device's unit and its node lead to each other") {
    CHECK(device_unit("/dev/bus/usb/001/005") == "usb-hotplug@dev-bus-usb-001-005.service");
    for (const Escaped& c : from_systemd) {
        CAPTURE(c.path);
        CHECK(node_of_device_unit(device_unit(c.path)) == c.path);
    }
}

TEST_CASE("the unit of something else is no device unit") {
    for (const std::string_view unit :
         {"", "usb-hotplug@", ".service", "usb-hotplug@.service", "usb-hotplug@service",
          "usb-hotplug@dev-sdb.target", "usb-hotplug@dev-sdb.service.d",
          "usb-hotplug-guest@win10.service", "xusb-hotplug@dev-sdb.service",
          "usb-hotplug@dev/sdb.service", "usb-hotplug@dev sdb.service",
          "usb-hotplug@dev-sdb.service\n", "USB-HOTPLUG@dev-sdb.service"}) {
        CAPTURE(unit);
        CHECK(node_of_device_unit(unit) == std::nullopt);
    }
}

TEST_CASE("a guest's units have its name in them") {
    CHECK(guest_target("win10") == "usb-hotplug@win10.target");
    CHECK(guest_watcher_unit("win10") == "usb-hotplug-guest@win10.service");
    CHECK(guest_target("a-b.c") == "usb-hotplug@a-b.c.target");
}

TEST_CASE("an alias has only characters that libvirt keeps") {
    CHECK(alias_of("dev-bus-usb-001-005") == "ua-usb-hotplug-dev-bus-usb-001-005");
    CHECK(alias_of("dev-my\\x2ddisk") == "ua-usb-hotplug-dev-my_x2ddisk");
    for (int byte = 0; byte < 256; ++byte) {
        const std::string alias = alias_of(std::string(1, static_cast<char>(byte)));
        CAPTURE(byte);
        CHECK(alias.starts_with(alias_prefix));
        CHECK(alias.size() == alias_prefix.size() + 1);
        CHECK(
            alias.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "-_") == std::string::npos);
    }
}

TEST_CASE("a guest's name is a file name and the instance of a unit") {
    for (const std::string_view good :
         {"win10", "Windows_11", "a", "0", "a.b", "a:b", "work@home", "a-b", "-a", "@", "host"}) {
        CAPTURE(good);
        CHECK(is_guest_name(good));
    }
    for (const std::string_view bad :
         {""sv, "."sv, ".."sv, ".hidden"sv, "a b"sv, "a/b"sv, "../a"sv, "a\\b"sv, "a\nb"sv,
          "a\0b"sv, "gast\xc3\xa9"sv, "a%i"sv, "a\"b"sv, "$a"sv, "a~"sv, "a=b"sv}) {
        CAPTURE(bad);
        CHECK_FALSE(is_guest_name(bad));
    }
    CHECK(is_guest_name(std::string(200, 'a')));
    CHECK_FALSE(is_guest_name(std::string(201, 'a')));
}
