// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of model/config: files that are in order, and which files are looked at.

#include "model/config.h"

#include "model/config_support.h"
#include "support.h"

#include <array>
#include <filesystem>
#include <sys/stat.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

constexpr std::string_view any = "[[usb]]\nall = true\n";

std::vector<std::string> names_of(const Configuration& configuration) {
    std::vector<std::string> names;
    for (const Guest& guest : configuration.guests) {
        names.push_back(guest.name);
    }
    return names;
}

} // namespace

using Names = std::vector<std::string>;

TEST_CASE("every key of a guest's file is read") {
    const Configuration configuration = parsed(R"(
# a comment
[guest]
domain = "Windows 10"
connect = "qemu+unix:///system?socket=/run/x"
priority = -7
grace = "1min 30s"
stay = true

[[usb]]
description = "Mouse"
id = "046D:*"
port = "1-4.2"
bus = 1
serial = "4C*"
vendor = "Logi*"
product = "*receiver*"
interface = { class = 3, subclass = 0x01, protocol = 2 }
device = { class = 0 }
property = { ID_PATH = "pci-*", ID_BUS = "usb" }
attribute = { bcdDevice = "12??" }

[[usb]]
enabled = false
port = "10-4.3.*"

[[except]]
description = "Keyboard"
all = true
)");
    CHECK(configuration.errors_of("win10").empty());
    REQUIRE(configuration.guests.size() == 1);
    const Guest& guest = configuration.guests[0];
    CHECK(guest.name == "win10");
    CHECK(guest.file == "win10.toml");
    CHECK(guest.address.domain == "Windows 10");
    CHECK(guest.address.target == "qemu+unix:///system?socket=/run/x");
    CHECK(guest.priority == -7);
    CHECK(guest.grace == std::chrono::seconds(90));
    CHECK(guest.stay);
    REQUIRE(guest.usb.size() == 2);
    REQUIRE(guest.except.size() == 1);
    const Rule& mouse = guest.usb[0];
    CHECK(mouse.description == "Mouse");
    CHECK(mouse.line == 10);
    CHECK(mouse.enabled);
    CHECK_FALSE(mouse.all);
    const std::array<std::array<std::string_view, 2>, 11> wanted = {{
        {"id", "046D:*"},
        {"port", "1-4.2"},
        {"bus", "1"},
        {"serial", "4C*"},
        {"vendor", "Logi*"},
        {"product", "*receiver*"},
        {"interface", "class 3, subclass 1, protocol 2"},
        {"device", "class 0"},
        {"property.ID_BUS", "usb"},
        {"property.ID_PATH", "pci-*"},
        {"attribute.bcdDevice", "12??"},
    }};
    REQUIRE(mouse.conditions.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CHECK(mouse.conditions[i].key == wanted[i][0]);
        CHECK(mouse.conditions[i].wanted == wanted[i][1]);
    }
    CHECK_FALSE(guest.usb[1].enabled);
    CHECK(guest.usb[1].line == 23);
    const auto& behind = std::get<PortPattern>(guest.usb[1].conditions.at(0).any.at(0));
    CHECK(behind.port == "10-4.3");
    CHECK(behind.behind);
    CHECK(guest.except[0].all);
    CHECK(guest.except[0].conditions.empty());
    CHECK(guest.except[0].line == 27);
}

TEST_CASE("a guest that is QEMU by itself") {
    const std::string path = "/run/" + std::string(102, 'x');
    const Configuration configuration = parsed("[guest]\npriority = 3\nqmp = \"" + path + "\"\n");
    CHECK(configuration.errors_of("win10").empty());
    REQUIRE(configuration.guests.size() == 1);
    CHECK(configuration.guests[0].address == GuestAddress{BackendKind::Qmp, path, ""});
    CHECK(configuration.guests[0].priority == 3);
}

TEST_CASE("what a file does not say has a default") {
    for (const std::string_view content : {"", "\n# nothing\n", "[guest]\n", "guest = {}\n"}) {
        CAPTURE(content);
        const Configuration configuration = parsed(content);
        CHECK(configuration.errors_of("win10").empty());
        REQUIRE(configuration.guests.size() == 1);
        CHECK(configuration.guests[0].address.domain == "win10");
        CHECK(configuration.guests[0].address.target == "qemu:///system");
        CHECK(configuration.guests[0].priority == 0);
        CHECK(configuration.guests[0].grace == std::chrono::seconds(10));
        CHECK_FALSE(configuration.guests[0].stay);
        CHECK(configuration.guests[0].usb.empty());
        CHECK(configuration.guests[0].except.empty());
    }
    const Configuration rule = parsed("[[usb]]\nbus = 1\n");
    REQUIRE(rule.guests.size() == 1);
    CHECK(rule.guests[0].usb.at(0).enabled);
    CHECK_FALSE(rule.guests[0].usb.at(0).all);
    CHECK(rule.guests[0].usb.at(0).description.empty());
}

TEST_CASE("values at the edge of what is allowed are in order") {
    for (const std::string_view content : {
             "[guest]\npriority = 1000000\n",
             "[guest]\npriority = -1000000\n",
             "[guest]\ngrace = 0\n",
             "[guest]\ngrace = 600\n",
             "[guest]\ngrace = \"10min\"\n",
             "[guest]\r\npriority = 1\r\n",
             "\xef\xbb\xbf[guest]\npriority = 1\n",
             "[guest]\ndomain = \"G\xc3\xa4st \\\"1\\\" \\n\"\n",
             "[[usb]]\nid = \"*:c52b\"\n",
             "[[usb]]\nid = \"FFFF:0000\"\n",
             "[[usb]]\nport = \"999-999\"\n",
             "[[usb]]\nport = \"1-1.2.3.4.5.6\"\n",
             "[[usb]]\nbus = 999\n",
             "[[usb]]\ninterface.class = 0\n",
             "[[usb]]\ndevice = { class = 255, subclass = 255, protocol = 255 }\n",
             "[[usb]]\nall = true\nenabled = false\ndescription = \"x\"\n",
             "[[usb]]\nall = false\nbus = 1\n",
             "usb = [{ bus = 1 }, { bus = 2 }]\n",
             "usb = []\nexcept = []\n",
             "[[usb]]\nproperty.\"a key\" = \"*\"\n",
             "[[except]]\nbus = 1\n",
         }) {
        CAPTURE(content);
        const Configuration configuration = parsed(content);
        CHECK(configuration.errors_of("win10").empty());
        CHECK(configuration.guests.size() == 1);
    }
}

TEST_CASE("a file nested without end is a mistake, not a crash") {
    const std::string deep = "[[usb]]\nbus = " + std::string(100000, '[') + "\n";
    const Configuration configuration = parsed(deep);
    CHECK(configuration.guests.empty());
    REQUIRE(configuration.errors.size() == 1);
    CHECK(configuration.errors[0].text().starts_with("win10.toml:2:"));
}

TEST_CASE("each file is a guest, in the order of the names") {
    const TemporaryFolder folder;
    folder.write("work.toml", any);
    folder.write("a.b.toml", any);
    folder.write("Win10.toml", any);
    folder.write("README", "not a configuration");
    folder.write("old.toml.bak", "[[");
    folder.write(".toml", "[[");
    folder.write("attached/x.toml", "[[");
    const Configuration configuration = load_configuration({folder.path()});
    CHECK(configuration.errors.empty());
    CHECK(names_of(configuration) == Names{"Win10", "a.b", "work"});
    REQUIRE(configuration.find("work") != nullptr);
    CHECK(configuration.find("work")->file == folder / "work.toml");
    CHECK(configuration.find("attached") == nullptr);
    CHECK(configuration.find("") == nullptr);
}

TEST_CASE("a broken file takes out its own guest and no other") {
    const TemporaryFolder folder;
    folder.write("a.toml", any);
    folder.write("b.toml", "[[usb]]\nid = 1\nbus = 0\n");
    folder.write("c.toml", "[");
    folder.write("d.toml", any);
    const Configuration configuration = load_configuration({folder.path()});
    CHECK(names_of(configuration) == Names{"a", "d"});
    CHECK(configuration.errors.size() == 3);
    CHECK(configuration.errors_of("a").empty());
    CHECK(configuration.errors_of("b") ==
          folder / "b.toml:2:6: 'id' in [[usb]] must be a string, not a number\n" +
              (folder / "b.toml:3:7: 'bus' in [[usb]] must be 1 to 999, not 0"));
    CHECK(configuration.errors_of("c").starts_with(folder / "c.toml:1:2: not valid TOML: "));
}

TEST_CASE("a file in an earlier folder replaces the same name in a later one") {
    const TemporaryFolder etc;
    const TemporaryFolder lib;
    etc.write("win10.toml", "[guest]\npriority = 1\n");
    lib.write("win10.toml", "[guest]\npriority = 2\n");
    etc.write("broken.toml", "[guest]\npriority = \"\"\n");
    lib.write("broken.toml", any);
    lib.write("shadowed.toml", "rubbish");
    etc.write("shadowed.toml", any);
    lib.write("vendor.toml", any);
    const Configuration configuration = load_configuration({etc.path(), lib.path()});
    CHECK(names_of(configuration) == Names{"shadowed", "vendor", "win10"});
    CHECK(configuration.find("win10")->priority == 1);
    CHECK(configuration.find("win10")->file == etc / "win10.toml");
    CHECK(configuration.find("vendor")->file == lib / "vendor.toml");
    REQUIRE(configuration.errors.size() == 1);
    CHECK(configuration.errors[0].file == etc / "broken.toml");
}

TEST_CASE("while a file is broken its last version in order counts, and the mistakes stay") {
    const TemporaryFolder etc;
    const TemporaryFolder kept;
    const std::string broken = etc.write("win10.toml", "[[usb]\n");
    etc.write("work.toml", "[guest]\npriority = 1\n" + std::string(any));
    kept.write("win10.toml", "[guest]\npriority = 7\n" + std::string(any));
    kept.write("work.toml", "[guest]\npriority = 7\n" + std::string(any));
    kept.write("gone.toml", any);
    const Configuration configuration = load_configuration({etc.path()}, kept.path());
    REQUIRE(names_of(configuration) == Names{"win10", "work"});
    CHECK(configuration.find("win10")->priority == 7);
    CHECK(configuration.find("win10")->file == kept / "win10.toml");
    CHECK(configuration.errors_of("win10").starts_with(broken + ":1:"));
    CHECK(configuration.find("work")->priority == 1);
    CHECK(configuration.errors_of("work").empty());
}

TEST_CASE("a kept version that is broken or missing is no help") {
    const TemporaryFolder etc;
    const TemporaryFolder kept;
    etc.write("a.toml", "[[usb]\n");
    etc.write("b.toml", "[[usb]\n");
    kept.write("a.toml", "also = broken\n");
    const Configuration configuration = load_configuration({etc.path()}, kept.path());
    CHECK(configuration.guests.empty());
    CHECK(configuration.errors.size() == 2);
}

TEST_CASE("a link to /dev/null in an earlier folder leaves a guest that wants nothing") {
    const TemporaryFolder etc;
    const TemporaryFolder lib;
    std::filesystem::create_symlink("/dev/null", etc / "win10.toml");
    lib.write("win10.toml", any);
    const Configuration configuration = load_configuration({etc.path(), lib.path()});
    CHECK(configuration.errors.empty());
    REQUIRE(names_of(configuration) == Names{"win10"});
    CHECK(configuration.guests[0].usb.empty());
}

TEST_CASE("a missing folder is empty, and a file in its place is a mistake") {
    const TemporaryFolder folder;
    folder.write("here/a.toml", any);
    const std::string file = folder.write("file", "");
    const Configuration configuration =
        load_configuration({folder / "missing", folder / "here", folder / "missing/too"});
    CHECK(configuration.errors.empty());
    CHECK(names_of(configuration) == Names{"a"});
    CHECK(load_configuration({}).guests.empty());
    const Configuration wrong = load_configuration({file, folder / "here"});
    REQUIRE(wrong.errors.size() == 1);
    CHECK(wrong.errors[0].text() == file + ": cannot be read: Not a directory");
    CHECK(names_of(wrong) == Names{"a"});
}

TEST_CASE("a file whose name cannot be a guest's is a mistake that says what to do") {
    for (const std::string name :
         {"win 10", "a%i", "gast\xc3\xa9", "a\"b", "$(id)", ".hidden", "a\\b"}) {
        CAPTURE(name);
        const TemporaryFolder folder;
        const std::string file = folder.write(name + ".toml", any);
        const Configuration configuration = load_configuration({folder.path()});
        CHECK(configuration.guests.empty());
        REQUIRE(configuration.errors.size() == 1);
        CHECK(configuration.errors[0].file == file);
        CHECK(configuration.errors[0].line == 0);
        CHECK(configuration.errors[0].message ==
              "the file's name is the guest's name in units, so it can have letters, digits and "
              "\":_.-@\" only; rename the file and say domain = \"...\" in [guest]");
    }
}

TEST_CASE("a hostile file name is shown harmless") {
    const TemporaryFolder folder;
    folder.write("a\n\x1b[31m.toml", any);
    const Configuration configuration = load_configuration({folder.path()});
    REQUIRE(configuration.errors.size() == 1);
    CHECK(configuration.errors[0].text().starts_with(folder /
                                                     "a\\x0a\\x1b[31m.toml: the file's name is "));
}

TEST_CASE("no guest can be called host") {
    const TemporaryFolder folder;
    const std::string file = folder.write("host.toml", any);
    folder.write("hosts.toml", any);
    const Configuration configuration = load_configuration({folder.path()});
    CHECK(names_of(configuration) == Names{"hosts"});
    CHECK(configuration.errors_of("host") ==
          file + ": no guest can be called 'host'; rename the file and say domain = \"host\" in "
                 "[guest]");
}

TEST_CASE("a file is at most 4 MiB, and must be one") {
    const TemporaryFolder folder;
    const std::string filler = "#" + std::string(4 * 1024 * 1024 - 2, 'x') + "\n";
    folder.write("full.toml", filler);
    const std::string big = folder.write("big.toml", filler + "\n");
    folder.folder("folder.toml");
    const Configuration configuration = load_configuration({folder.path()});
    CHECK(names_of(configuration) == Names{"full"});
    CHECK(configuration.errors.size() == 2);
    CHECK(configuration.errors_of("big") == big + ": is larger than 4096 KiB");
    CHECK(configuration.errors_of("folder") == (folder / "folder.toml") + ": is not a file");
}

TEST_CASE("a pipe, and a link that leads nowhere, are errors, and nobody waits for them") {
    const TemporaryFolder folder;
    const std::string pipe = folder / "pipe.toml";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const std::string link = folder / "link.toml";
    std::filesystem::create_symlink(folder / "nowhere", link);
    const Configuration configuration = load_configuration({folder.path()});
    CHECK(configuration.errors.size() == 2);
    CHECK(configuration.errors_of("pipe") == pipe + ": is not a file");
    CHECK(configuration.errors_of("link") == link + ": is a link to a file that does not exist");
}

TEST_CASE("the folders are those of the machine, or below USB_HOTPLUG_ROOT") {
    {
        const EnvironmentVariable root("USB_HOTPLUG_ROOT", "/tmp/root");
        CHECK(configuration_folders() == Names{"/tmp/root/etc/usb-hotplug",
                                               "/tmp/root/run/usb-hotplug",
                                               "/tmp/root/usr/lib/usb-hotplug"});
        CHECK(state_folder() == "/tmp/root/run/usb-hotplug");
    }
    const EnvironmentVariable none("USB_HOTPLUG_ROOT", "");
    CHECK(configuration_folders() ==
          Names{"/etc/usb-hotplug", "/run/usb-hotplug", "/usr/lib/usb-hotplug"});
    CHECK(state_folder() == "/run/usb-hotplug");
}
