// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The backend of a plain QEMU against one that is slow, dead, or in the hands of its guest.

#include "guest/fake_qemu.h"
#include "guest/qmp_messages.h"

#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// What a start and a stop come to, and that they come to something in time.
std::string story(FakeQemu& qemu, const TemporaryFolder& folder) {
    qemu.start();
    const auto backend = backend_at(folder / "qmp", quick(folder));
    const auto start = std::chrono::steady_clock::now();
    const auto attached = backend->attach({alias, mouse});
    const auto detached = backend->detach(alias, seconds(1));
    CHECK(std::chrono::steady_clock::now() - start < seconds(8));
    if (attached && detached) {
        CHECK(attached->kind == AttachOutcome::Attached);
        CHECK(*detached == DetachOutcome::Detached);
        return "";
    }
    return attached ? detached.error().message : attached.error().message;
}

bool has(const std::string& text, std::string_view part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a QEMU that is slow, answers in pieces or has other news first") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    SUBCASE("late") {
        qemu.delay = milliseconds(30);
    }
    SUBCASE("in pieces") {
        qemu.piece = 7;
    }
    SUBCASE("events") {
        qemu.between = "{\"event\": \"RESET\", \"data\": {}}\r\n{\"event\": \"DEVICE_DELETED\"}\r\n"
                       "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"another\"}}\r\n";
    }
    SUBCASE("answers to somebody else") {
        qemu.between = "{\"return\": {}}\r\n{\"return\": [], \"id\": 99}\r\n"
                       "{\"error\": {}, \"id\": \"1\"}\r\n{\"id\": 1.5, \"return\": []}\r\n";
    }
    CHECK(story(qemu, folder) == "");
}

TEST_CASE("what is not QMP is an error at once") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    SUBCASE("another greeting") {
        qemu.greeting = "{\"HELLO\": {}}";
    }
    SUBCASE("another protocol") {
        qemu.greeting = "SSH-2.0-OpenSSH_9.2";
    }
    SUBCASE("garbage between") {
        qemu.between = "\x1b[2J\xff\xfe{\r\n";
    }
    SUBCASE("no object") {
        qemu.between = "[1]\r\n";
    }
    SUBCASE("deep") {
        qemu.between = std::string(100000, '[') + "\r\n";
    }
    SUBCASE("long") {
        qemu.between = std::string(qmp_message_max + 2, ' ');
    }
    const std::string text = story(qemu, folder);
    CHECK(has(text, "The QMP monitor at " + (folder / "qmp")));
    CHECK_FALSE(has(text, "\x1b"));
}

TEST_CASE("silence ends") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    SUBCASE("from the start") {
        qemu.greeting = "";
        CHECK(has(story(qemu, folder), "another client has this monitor"));
    }
    for (const char* command : {"qmp_capabilities", "qom-list", "add-fd", "device_add"}) {
        SUBCASE(command) {
            qemu.silent = {command};
            CHECK(has(story(qemu, folder), std::string("does not answer to ") + command));
        }
    }
    SUBCASE("but for events without end") {
        qemu.silent = {"qom-list"};
        for (int i = 0; i < 20000; ++i) {
            qemu.between += "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"x\"}}\r\n";
        }
        CHECK(has(story(qemu, folder), "does not answer to qom-list"));
    }
}

TEST_CASE("hanging up is an error") {
    const TemporaryFolder folder;
    FakeQemu qemu(folder / "qmp");
    for (const char* command : {"qmp_capabilities", "qom-list", "device_add", "device_del"}) {
        SUBCASE(command) {
            qemu.hangs_up = {command};
            CHECK(has(story(qemu, folder), "has hung up"));
        }
    }
}

TEST_CASE("answers of other types than QEMU's do no harm") {
    for (const char* value :
         {"null", "1", "\"x\"", "{}", "[1, null, [], {\"name\": 1}]",
          "[{\"name\": \"a\", \"type\": \"child<\"}, {\"type\": \">\"}]", "{\"fdset-id\": \"x\"}",
          "{\"fdset-id\": -1}", "-1", "1e300", "18446744073709551615"}) {
        CAPTURE(value);
        const TemporaryFolder folder;
        FakeQemu qemu(folder / "qmp");
        // The first ten commands have these numbers, whatever they are.
        for (const char* command : {"qom-list", "qom-get", "add-fd"}) {
            for (int id = 1; id <= 40; ++id) {
                qemu.raw[command] += std::string("{\"return\": ") + value +
                                     ", \"id\": " + std::to_string(id) + "}\r\n";
            }
        }
        qemu.start();
        const auto backend = backend_at(folder / "qmp", quick(folder));
        CHECK(backend->attach({alias, mouse}));
        CHECK(backend->detach(alias, seconds(1)));
        CHECK(backend->attached());
    }
}

TEST_CASE("messages are cut where lines end") {
    QmpReader reader;
    CHECK(reader.next().value() == std::nullopt);
    reader.add("{\"a\": 1}\r\n{\"b\"");
    CHECK(reader.next().value() == nlohmann::json{{"a", 1}});
    CHECK(reader.next().value() == std::nullopt);
    reader.add(": 2}\n\n");
    CHECK(reader.next().value() == nlohmann::json{{"b", 2}});
    CHECK_FALSE(reader.next());
}
