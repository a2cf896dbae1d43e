// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whatever is in the texts: the result is TOML that says what they say, and no comment ends early.

#include "import/draft.h"
#include "import/import_support.h"

#include <array>
#include <nlohmann/json.hpp>
#include <toml++/toml.h>

using namespace usb_hotplug;
using namespace usb_hotplug::imports;
using namespace usb_hotplug::imports::test;

namespace {

const std::array<std::string, 14> nasty = {"a\nb = 1",
                                           "\"\n[[usb]]\nall = true\n",
                                           "'''",
                                           "\"\"\"",
                                           "\\",
                                           "a\\'b\"c",
                                           "\x1b[2J",
                                           "\x7f\t\r",
                                           "\xc2\x85\xc2\x9b",
                                           "caf\xc3\xa9",
                                           "\xe2\x80\xa8",
                                           "# [guest]",
                                           "$(id)`id`",
                                           "\xf0\x9f\x98\x80"};

/// No line of the text is anything but a comment.
void check_comments(std::string_view text) {
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = text.find('\n', start);
        REQUIRE(end != std::string_view::npos);
        CHECK(text[start] == '#');
        for (const char c : text.substr(start, end - start)) {
            CHECK(static_cast<unsigned char>(c) >= 0x20);
        }
        start = end + 1;
    }
}

std::string json_with(const std::string& text) {
    const nlohmann::json entry = {
        {"description", text}, {"productName", text}, {"vendorId", text},      {"productId", text},
        {"removable", {text}}, {text, text},          {"interfaceClass", text}};
    const nlohmann::json group = {
        {"description", text},
        {"targetVm", text},
        {"tag", text},
        {"allow", {entry, {{"interfaceClass", 3}, {"description", text}}}},
        {"deny", {entry}}};
    const nlohmann::json root = {{"usbPassthrough", {group}},
                                 {"evdevPassthrough", {group}},
                                 {"vms", {{{"name", text}}, {{"name", text + "2"}}}},
                                 {text, text}};
    return root.dump();
}

} // namespace

TEST_CASE("any text survives as a string of TOML") {
    for (const std::string& text : nasty) {
        CAPTURE(text);
        const std::string toml = toml_string(text);
        CHECK_FALSE(has(toml, "\n"));
        CHECK_FALSE(has(toml, "\x1b"));
        CHECK(toml::parse("x = " + toml)["x"].value<std::string>() == text);
    }
    CHECK(toml_string("Mouse") == "\"Mouse\"");
    CHECK(toml_string(R"(a\d"b)") == R"('a\d"b')");
    CHECK(toml_string("caf\xc3\xa9") == "\"caf\xc3\xa9\"");
}

TEST_CASE("a literal glob fits its text alone") {
    CHECK(literal_glob("a*b?[c]\\") == R"(a\*b\?\[c]\\)");
}

TEST_CASE("any text in a comment stays in the comment") {
    for (const std::string& text : nasty) {
        CAPTURE(text);
        check_comments(comment_lines(text));
        check_comments(comment_lines("a " + text + " b " + text));
    }
    check_comments(comment_lines(std::string(100000, 'x') + "\n"));
    check_comments(comment_lines(""));
    CHECK(comment_lines(std::string(5000, 'x')).size() < 2100);
}

TEST_CASE("hostile strings in a configuration of vhotplug") {
    for (const std::string& text : nasty) {
        CAPTURE(text);
        const Imported result = imported(json_with(text));
        REQUIRE(result.files.size() == 1);
        check_comments(result.remarks);
        const auto guests = guests_of(result);
        CHECK(guests.at(0).address.domain == text);
        CHECK(guests[0].usb.back().description == text);
        for (const Rule& rule : guests[0].usb) {
            CHECK_FALSE(rule.all);
        }
    }
}

TEST_CASE("hostile strings in the other formats") {
    for (const std::string& text : nasty) {
        CAPTURE(text);
        const auto conf = import_sources({{text, "domain=a\nmode=whitelist\n" + text +
                                                     "\ndevlist=(046d:c52b # " + text + "\n)\n"}},
                                         Format::LibvirtUsbHotplug);
        CHECK((conf || has(conf.error().message, "no domain")));
        const auto rules = import_sources({{text, "# " + text +
                                                      "\nENV{ID_MODEL}!=\"x\", "
                                                      "RUN+=\"usb-libvirt-hotplug.sh 'a b'\"\n"}},
                                          Format::Udev);
        CHECK((rules || has(rules.error().message, "udev rule")));
    }
}

TEST_CASE("names of guests that cannot be names of files") {
    const Imported result = imported("usb-0001:0001 a/b\nusb-0002:0002 a_b\nusb-0003:0003 a?b\n"
                                     "usb-0004:0004 host\nusb-0005:0005 .x\nusb-0006:0006 " +
                                     std::string(300, 'x') + "\n");
    std::vector<std::string> names;
    for (const GuestFile& file : result.files) {
        names.push_back(file.guest);
    }
    CHECK(names == std::vector<std::string>{"a_b-2", "a_b", "a_b-3", "guest-host", "guest-.x",
                                            std::string(100, 'x')});
    CHECK(has(result.files[0].toml, "[guest]\ndomain = \"a/b\"\n"));
    CHECK_FALSE(has(result.files[1].toml, "[guest]"));
    CHECK(has(result.files[3].toml, "[guest]\ndomain = \"host\"\n"));
}

TEST_CASE("what a file is, is found out") {
    CHECK(detect("\n {\"vms\": []}") == Format::Vhotplug);
    CHECK(detect("#!/bin/bash\nset -e\ndevlist=(1d6b:0002)\n") == Format::LibvirtUsbHotplug);
    CHECK(detect("domain=win10\n") == Format::LibvirtUsbHotplug);
    CHECK(detect("# x\nusb-051d:0002 guest1\n") == Format::UsbSerial);
    CHECK(detect("SERIAL\tguest vdb\n") == Format::UsbSerial);
    CHECK(detect("ACTION==\"add\", RUN+=\"x\"\n") == Format::Udev);
    CHECK(detect("LABEL=\"x\"\nACTION==\"add\", RUN+=\"x\"\n") == Format::Udev);
    CHECK_FALSE(detect(""));
    CHECK_FALSE(detect("hello\n"));
    CHECK(said_of("hello\n") == "file: cannot tell what this is; say --from vhotplug, "
                                "libvirt-usb-hotplug, usb-serial, udev, whichever it is");
}

TEST_CASE("several files about one guest become one file") {
    const auto result =
        import_sources({{"list", "usb-051d:0002 vm\n"},
                        {"conf", "domain=vm\nmode=whitelist\ndevlist=(046d:c52b)\n"}},
                       std::nullopt);
    REQUIRE(result);
    REQUIRE(result->files.size() == 1);
    CHECK(has(result->files[0].toml, "# Made of list, conf by usb-hotplugctl import.\n"));
    check_decisions(*result,
                    {{"", device_of("051d", "0002"), "vm"}, {"", device_of("046d", "c52b"), "vm"}});
}

TEST_CASE("large texts are read in time that grows with them") {
    const std::array<std::pair<Format, std::string>, 5> pieces = {{
        {Format::LibvirtUsbHotplug, "a=(\n"},
        {Format::LibvirtUsbHotplug, "devlist=(\n1\n"},
        {Format::UsbSerial, "a b c\n"},
        {Format::Udev, "A==\"\\\n"},
        {Format::Udev, "A==\"x\",\\\n#\n"},
    }};
    for (const auto& [format, piece] : pieces) {
        CAPTURE(piece);
        std::string text;
        while (text.size() < source_max - piece.size()) {
            text += piece;
        }
        (void)import_sources({{"file", text}}, format);
    }
}
