// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of usb-hotplugctl rule and learn.

#include "ctl/machine.h"

#include <filesystem>

using namespace usb_hotplug::test;

namespace {

const std::string stick_rule = "# By id and serial number: this device, at any port.\n[[usb]]\n"
                               "description = \"SanDisk Cruzer Blade\"\nid = \"0781:5567\"\n"
                               "serial = \"4C530001230415112345\"\n";

} // namespace

TEST_CASE("a rule for a plugged device") {
    const Machine machine;
    const Ended ended = machine.ctl({"rule", "1-4"});
    CHECK(ended.status == 0);
    CHECK(ended.out == stick_rule);
    CHECK(ended.err.empty());
    CHECK(machine.ctl({"rule", "1-4", "--by", "port"}).out ==
          "# By port: whatever is plugged in here.\n[[usb]]\n"
          "description = \"SanDisk Cruzer Blade\"\nport = \"1-4\"\n");
    CHECK(has(machine.ctl({"rule", "1-5"}).out, "the device at port 1-6 has the same id."));
}

TEST_CASE("two devices that could be meant are exit status 4") {
    const Machine machine;
    CHECK(machine.ctl({"rule", "046d:c077"}).status == 4);
    CHECK(machine.ctl({"learn", "win10", "046d:c077"}).status == 4);
    CHECK_FALSE(std::filesystem::exists(machine.folder() / "etc/usb-hotplug/win10.toml"));
}

TEST_CASE("waiting for a device ends in time") {
    const Machine machine;
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"rule", "--wait", "--timeout", "50ms"},
          {"learn", "win10", "--timeout", "50ms"},
          {"learn", "win10", "--wait", "--timeout", "50ms"}}) {
        const Ended ended = machine.ctl(words);
        CHECK(ended.status == 3);
        CHECK(ended.out.empty());
        CHECK(ended.err == "Plug the device in now; hubs do not count.\n"
                           "usb-hotplugctl: No USB device was plugged in within the time given\n");
    }
}

TEST_CASE("a guest that has no file gets one") {
    const Machine machine;
    const std::string file = machine.folder() / "etc/usb-hotplug/win10.toml";
    const Ended ended = machine.ctl({"learn", "win10", "1-4"});
    CHECK(ended.status == 0);
    CHECK(ended.err.empty());
    CHECK(content_of(file) == stick_rule);
    CHECK(ended.out.starts_with("Made " + file + ", as there was no guest 'win10'\nAdded to " +
                                file + ", line 2:\n\n" + stick_rule + "\n"));
    CHECK(has(ended.out, "run 'systemctl reload-or-restart usb-hotplug-guest@win10.service'\n"));
    CHECK(machine.ctl({"check"}).status != 2);
}

TEST_CASE("a guest's file is appended to, and the next one is told who comes first") {
    const Machine machine;
    const std::string before = "# mine\n[guest]\r\ndomain='win10'";
    const std::string file = machine.guest("win10", before);
    (void)machine.guest("work", "[guest]\npriority = 1\n[[usb]]\nport = \"1-4\"\n");
    const Ended ended = machine.ctl({"learn", "win10", "1-4", "--by", "id"});
    CHECK(ended.status == 0);
    CHECK(content_of(file) == before + "\n\n# By id: any device with this id.\n[[usb]]\n"
                                       "description = \"SanDisk Cruzer Blade\"\n"
                                       "id = \"0781:5567\"\n");
    CHECK(has(ended.out, "Note: work wants the device, too, and comes first"));
}

TEST_CASE("what is wanted already, kept away or broken is refused, and no file changed") {
    const Machine machine;
    struct Case {
        std::string content;
        int status;
        std::string said;
    };
    const Case cases[] = {
        {"[[usb]]\ndescription = \"Sticks\"\nid = \"0781:*\"\n", 1,
         "wants the device already, by [[usb]] rule \"Sticks\" in "},
        {"[[except]]\ninterface = { class = 8 }\n", 1, "would not get the device: [[except]] rule"},
        {"[[usb]]\nid = 1\n", 5, "is broken; nothing was added:\n"},
        {"usb = [{ id = \"1234:*\" }]\n", 1, "Cannot add a rule to the end of "},
    };
    for (const Case& c : cases) {
        CAPTURE(c.content);
        const std::string file = machine.guest("win10", c.content);
        const Ended ended = machine.ctl({"learn", "win10", "1-4"});
        CHECK(ended.status == c.status);
        CHECK(ended.out.empty());
        CHECK(has(ended.err, c.said));
        CHECK(content_of(file) == c.content);
    }
}

TEST_CASE("a file of another folder is copied first") {
    const Machine machine;
    const std::string packaged = "# packaged\n[[usb]]\nid = \"1234:*\"\n";
    const std::string source = machine.folder().write("usr/lib/usb-hotplug/win10.toml", packaged);
    const std::string file = machine.folder() / "etc/usb-hotplug/win10.toml";
    const Ended ended = machine.ctl({"learn", "win10", "1-4"});
    CHECK(ended.status == 0);
    CHECK(ended.out.starts_with("Copied " + source + " to " + file + ", which takes its place\n"));
    CHECK(content_of(file) == packaged + "\n" + stick_rule);
    CHECK(content_of(source) == packaged);
}

TEST_CASE("a guest that is taken out, or has a link for a file, is left alone") {
    const Machine machine;
    const std::string file = machine.folder() / "etc/usb-hotplug/win10.toml";
    (void)machine.folder().folder("etc/usb-hotplug");
    std::filesystem::create_symlink("/dev/null", file);
    const Ended out = machine.ctl({"learn", "win10", "1-4"});
    CHECK(out.status == 5);
    CHECK(has(out.err, "taken out by " + file + ", a link to /dev/null"));
    std::filesystem::remove(file);
    const std::string target = machine.folder().write("elsewhere", "# precious\n");
    std::filesystem::create_symlink(target, file);
    const Ended link = machine.ctl({"learn", "win10", "1-4"});
    CHECK(link.status == 1);
    CHECK(has(link.err, "is a symbolic link"));
    CHECK(content_of(target) == "# precious\n");
}

TEST_CASE("a guest that cannot be is refused before anything is waited for") {
    const Machine machine;
    for (const char* name : {"host", "../win10", "a b", ".x"}) {
        CAPTURE(name);
        const Ended ended = machine.ctl({"learn", name});
        CHECK(ended.status == 5);
        CHECK(has(ended.err, "No guest can be called '"));
    }
}

TEST_CASE("a hostile device gets a rule that is one rule") {
    const Machine machine;
    const Ended ended = machine.ctl({"learn", "win10", "1-7", "--by", "serial"});
    CHECK(ended.status == 0);
    const std::string text = content_of(machine.folder() / "etc/usb-hotplug/win10.toml");
    CHECK(has(text, "\nserial = \"\\\\*\\\"\\\\[x]'\\\\\\\\\\\\?90817\"\n"));
    CHECK(has(text, R"(description = "\"\u000a[[usb]]\u000aall = true\u000a# \u001b[31m\\")"));
    CHECK_FALSE(has(ended.out, "\x1b"));
    CHECK(has(machine.ctl({"learn", "win10", "1-7"}).err, "wants the device already"));
    CHECK(has(machine.ctl({"explain", "1-5"}).out, "Guest win10"));
}
