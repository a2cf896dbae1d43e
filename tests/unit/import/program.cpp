// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl import as it is called: what goes where, and the exit statuses.

#include "support.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace usb_hotplug::test;

namespace {

Ended import_with(std::vector<std::string> arguments) {
    const char* program = std::getenv("USB_HOTPLUGCTL");
    REQUIRE(program != nullptr);
    arguments.insert(arguments.begin(), {program, "import"});
    return run_program(std::move(arguments), {});
}

void check_refused(const Ended& ended, int status, const std::string& said) {
    CHECK(ended.status == status);
    CHECK(ended.out.empty());
    CHECK(ended.err == said);
}

constexpr const char* list = "usb-051d:0002 ups\nusb-0451:e012 lab\nSERIAL backup\n";

} // namespace

TEST_CASE("import prints each file and where it belongs") {
    const TemporaryFolder folder;
    const Ended ended = import_with({folder.write("list", list)});
    CHECK(ended.status == 0);
    CHECK(ended.out == R"(# About none of the guests:
# Not carried over: line 3: the disk with the serial number "SERIAL", mounted
#   by the host at "backup". This version mounts nothing.

# /etc/usb-hotplug/ups.toml
# Made of )" + folder / "list" +
                           R"( by usb-hotplugctl import.

[[usb]]
id = "051d:0002"

# /etc/usb-hotplug/lab.toml
# Made of )" + folder / "list" +
                           R"( by usb-hotplugctl import.

[[usb]]
id = "0451:e012"
)");
    CHECK(ended.err ==
          "usb-hotplugctl: 1 note: see the comments that begin with \"Not carried over\" "
          "or \"Differs\"\n");
}

TEST_CASE("imported files as JSON") {
    const TemporaryFolder folder;
    const Ended ended = import_with({folder.write("list", list), "--json"});
    CHECK(ended.status == 0);
    const auto json = nlohmann::ordered_json::parse(ended.out);
    const auto shape = [](const nlohmann::ordered_json& object) {
        std::string keys;
        for (const auto& [key, value] : object.items()) {
            keys += key + " ";
        }
        return keys;
    };
    CHECK(shape(json) == "version remarks files ");
    CHECK(shape(json["files"].at(0)) == "guest toml notes ");
    CHECK(json["version"] == 1);
    CHECK(json["remarks"].get<std::string>().starts_with("# Not carried over: line 3: "));
    REQUIRE(json["files"].size() == 2);
    CHECK(json["files"][0]["guest"] == "ups");
    CHECK(json["files"][0]["toml"].get<std::string>().ends_with("id = \"051d:0002\"\n"));
    CHECK(json["files"][0]["notes"] == 0);
}

TEST_CASE("what is carried over as a whole needs no words") {
    const TemporaryFolder folder;
    const Ended ended =
        import_with({"--from", "usb-serial", folder.write("x", "usb-051d:0002 ups\n")});
    CHECK(ended.status == 0);
    CHECK(ended.err.empty());
}

TEST_CASE("import --output writes a file for each guest") {
    const TemporaryFolder folder;
    const std::string to = folder / "new/folder";
    const Ended ended = import_with({folder.write("list", list), "--output", to});
    CHECK(ended.status == 0);
    CHECK(ended.out == to + "/ups.toml\n" + to + "/lab.toml\n");
    CHECK(ended.err.starts_with("# About none of the guests:\n# Not carried over: line 3: "));
    CHECK(names_in(to) == std::vector<std::string>{"lab.toml", "ups.toml"});
    CHECK(content_of(to + "/ups.toml") ==
          "# Made of " + folder / "list" +
              " by usb-hotplugctl import.\n\n[[usb]]\nid = \"051d:0002\"\n");
}

TEST_CASE("import --output overwrites nothing, and then writes nothing") {
    const TemporaryFolder folder;
    const std::string source = folder.write("list", list);
    const std::string there = folder.write("to/lab.toml", "mine");
    const std::string said = "usb-hotplugctl: " + there +
                             " is there already, so nothing was written; move it away, or say "
                             "another folder with --output\n";
    check_refused(import_with({source, "--output", folder / "to"}), 1, said);
    CHECK(names_in(folder / "to") == std::vector<std::string>{"lab.toml"});
    CHECK(content_of(there) == "mine");
    std::filesystem::remove(there);
    std::filesystem::create_symlink(folder / "nowhere", there);
    check_refused(import_with({source, "--output", folder / "to"}), 1, said);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"list", "to"});
}

TEST_CASE("import of what cannot be imported") {
    const TemporaryFolder folder;
    const std::string garbage = folder.write("garbage", "hello\n");
    check_refused(import_with({garbage}), 2,
                  "usb-hotplugctl: " + garbage +
                      ": cannot tell what this is; say --from vhotplug, libvirt-usb-hotplug, "
                      "usb-serial, udev, whichever it is\n");
    const std::string broken = folder.write("broken", "{\n  \"vms\": [}\n");
    check_refused(import_with({folder.write("list", list), broken}), 2,
                  "usb-hotplugctl: " + broken +
                      ":2:11: not valid JSON: syntax error while parsing value - unexpected '}'; "
                      "expected '[', '{', or a literal\n");
    check_refused(import_with({folder / "missing"}), 1,
                  "usb-hotplugctl: Cannot open " + folder / "missing" +
                      ": No such file or directory\n");
    const std::string large = folder.write("large", std::string((1U << 20U) + 1, '\n'));
    check_refused(import_with({large}), 1,
                  "usb-hotplugctl: " + large + " is larger than 1048576 bytes\n");
    const std::string no_guest = folder.write("mounts", "SERIAL backup\n");
    const Ended ended = import_with({no_guest});
    CHECK(ended.status == 1);
    CHECK(ended.err.ends_with("usb-hotplugctl: there is no guest in " + no_guest + "\n"));
    CHECK(import_with({}).status == 2);
    CHECK(import_with({"--from", "xml", garbage}).status == 2);
}
