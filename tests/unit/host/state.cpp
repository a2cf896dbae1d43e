// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of host/state: what start writes down and what is said by hand, and when it no longer
// counts.

#include "host/state.h"

#include "base/unit_name.h"
#include "model/config.h"
#include "support.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace usb_hotplug;
using namespace usb_hotplug::test;

namespace {

using Names = std::vector<std::string>;

const std::string mouse = "dev-bus-usb-001-005";

AttachRecord record_of(const std::string& instance) {
    AttachRecord record;
    record.instance = instance;
    record.guest = "win10";
    record.address = {BackendKind::Libvirt, "qemu:///system", "Windows \"10\"\n\\"};
    record.alias = "ua-usb-hotplug-" + instance;
    record.plug = "4711";
    record.syspath = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2";
    record.port = "1-4.2";
    record.id = "046d:c52b";
    record.interfaces = {"1-4.2:1.0", "1-4.2:1.1"};
    record.peer = "2-4.2";
    record.tenant = true;
    return record;
}

void check_same(const AttachRecord& a, const AttachRecord& b) {
    CHECK(a.instance == b.instance);
    CHECK(a.guest == b.guest);
    CHECK(a.address == b.address);
    CHECK(a.alias == b.alias);
    CHECK(a.plug == b.plug);
    CHECK(a.syspath == b.syspath);
    CHECK(a.port == b.port);
    CHECK(a.id == b.id);
    CHECK(a.interfaces == b.interfaces);
    CHECK(a.peer == b.peer);
    CHECK(a.tenant == b.tenant);
}

} // namespace

TEST_CASE("a record is read as it was written") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.write_record(record_of(mouse)));
    const auto read = state.read_record(mouse);
    REQUIRE(read);
    REQUIRE(*read);
    check_same(**read, record_of(mouse));
    CHECK(names_in(folder / "attached") == Names{mouse});
}

TEST_CASE("a record without interfaces, and one with hostile texts, survive") {
    const TemporaryFolder folder;
    const State state(folder.path());
    AttachRecord record = record_of(mouse);
    record.interfaces.clear();
    record.guest = "a\"b'c\\d\ne\x1b[31m = [x]";
    record.address.domain = "'''\"\"\"";
    record.port = "";
    REQUIRE(state.write_record(record));
    check_same(state.read_record(mouse)->value(), record);
}

TEST_CASE("a record knows its backend, and one of an earlier version is libvirt's") {
    const TemporaryFolder folder;
    const State state(folder.path());
    AttachRecord record = record_of(mouse);
    record.address = {BackendKind::Qmp, "/run/win10.qmp", ""};
    REQUIRE(state.write_record(record));
    check_same(state.read_record(mouse)->value(), record);
    (void)folder.write("attached/dev-old", "guest = \"a\"\ntarget = \"qemu:///system\"\n");
    CHECK(state.read_record("dev-old")->value().address.kind == BackendKind::Libvirt);
    (void)folder.write("attached/dev-new", "guest = \"a\"\nbackend = \"another\"\n");
    CHECK_FALSE(state.read_record("dev-new"));
}

TEST_CASE("a record replaces the one before, and removing it twice is fine") {
    const TemporaryFolder folder;
    const State state(folder.path());
    AttachRecord record = record_of(mouse);
    REQUIRE(state.write_record(record));
    record.guest = "work";
    REQUIRE(state.write_record(record));
    CHECK(state.read_record(mouse)->value().guest == "work");
    CHECK(state.remove_record(mouse));
    CHECK(state.remove_record(mouse));
    const auto read = state.read_record(mouse);
    REQUIRE(read);
    CHECK_FALSE(read->has_value());
}

TEST_CASE("a machine on which nothing was attached has no records and no marks") {
    const TemporaryFolder folder;
    const State state(folder / "never-made");
    CHECK(state.read_record(mouse).value() == std::nullopt);
    Names unreadable;
    CHECK(state.records(&unreadable).empty());
    CHECK(unreadable.empty());
    CHECK(state.read_mark(Mark::Released, mouse, "1") == std::nullopt);
    CHECK(state.remove_mark(Mark::Released, mouse));
    state.forget_marks(Mark::Released, "win10");
    CHECK_FALSE(state.is_paused("win10"));
    CHECK(state.resume("win10"));
    CHECK(state.wake_up());
    CHECK(names_in(folder.path()).empty());
}

TEST_CASE("a damaged record is an error for its device, and the others are found") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.write_record(record_of("dev-a")));
    REQUIRE(state.write_record(record_of("dev-b")));
    const std::string half = folder.write("attached/dev-c", "guest = \"wi");
    const std::string big = folder.write("attached/dev-d", std::string(64 * 1024 + 1, '#'));
    const auto read = state.read_record("dev-c");
    REQUIRE_FALSE(read);
    CHECK(read.error().message.starts_with(half + " is damaged: "));
    CHECK_FALSE(state.read_record("dev-d"));
    Names unreadable;
    Names found;
    for (const AttachRecord& record : state.records(&unreadable)) {
        found.push_back(record.instance);
    }
    std::sort(found.begin(), found.end());
    std::sort(unreadable.begin(), unreadable.end());
    CHECK(found == Names{"dev-a", "dev-b"});
    REQUIRE(unreadable.size() == 2);
    CHECK(unreadable[0] == read.error().message);
    CHECK(unreadable[1] == big + " is larger than 65536 bytes");
    CHECK(state.records().size() == 2);
}

TEST_CASE("a record of other types, or an empty one, has empty texts and no crash") {
    const TemporaryFolder folder;
    const State state(folder.path());
    folder.write("attached/dev-a", "");
    folder.write("attached/dev-b", "guest = 5\ninterfaces = \"x\"\nalias = [1]\nplug = {}\n");
    folder.write("attached/dev-c", "interfaces = [1, \"1-4:1.0\"]\n");
    const AttachRecord a = state.read_record("dev-a")->value();
    CHECK(a.instance == "dev-a");
    CHECK(a.guest.empty());
    const AttachRecord b = state.read_record("dev-b")->value();
    CHECK(b.guest.empty());
    CHECK(b.alias.empty());
    CHECK(b.interfaces.empty());
    CHECK(state.read_record("dev-c")->value().interfaces == Names{"", "1-4:1.0"});
}

TEST_CASE("each mark is kept with its text, apart from the others") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.write_mark(Mark::Released, mouse, "win10", "1"));
    REQUIRE(state.write_mark(Mark::ByHand, mouse, "work", "1"));
    REQUIRE(state.write_mark(Mark::Failed, mouse, "no \"port\"\n\x1b[31m", "1"));
    CHECK(state.read_mark(Mark::Released, mouse, "1") == "win10");
    CHECK(state.read_mark(Mark::ByHand, mouse, "1") == "work");
    CHECK(state.read_mark(Mark::Failed, mouse, "1") == "no \"port\"\n\x1b[31m");
    CHECK(names_in(folder.path()) == Names{"by-hand", "failed", "released"});
    REQUIRE(state.remove_mark(Mark::ByHand, mouse));
    CHECK(state.read_mark(Mark::ByHand, mouse, "1") == std::nullopt);
    CHECK(state.read_mark(Mark::Released, mouse, "1") == "win10");
    CHECK(state.read_mark(Mark::Released, "dev-other", "1") == std::nullopt);
}

TEST_CASE("a mark is about one plugging in, and does not count for the next") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.write_mark(Mark::Released, mouse, "win10", "4711"));
    CHECK(state.read_mark(Mark::Released, mouse, "4711") == "win10");
    CHECK(state.read_mark(Mark::Released, mouse, "4712") == std::nullopt);
    CHECK(state.read_mark(Mark::Released, mouse, "47") == std::nullopt);
    CHECK(state.read_mark(Mark::Released, mouse, "") == std::nullopt);
    REQUIRE(state.write_mark(Mark::Released, mouse, "win10", ""));
    CHECK(state.read_mark(Mark::Released, mouse, "") == std::nullopt);
}

TEST_CASE("a damaged mark does not count") {
    const TemporaryFolder folder;
    const State state(folder.path());
    for (const char* content : {"", "rubbish", "plug = 1\ntext = \"win10\"\n", "plug = \"1"}) {
        CAPTURE(content);
        folder.write("released/" + mouse, content);
        CHECK(state.read_mark(Mark::Released, mouse, "1") == std::nullopt);
    }
    folder.write("released/" + mouse, "plug = \"1\"\n");
    CHECK(state.read_mark(Mark::Released, mouse, "1") == "");
}

TEST_CASE("forgetting what was released from a guest leaves the other guests' alone") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.write_mark(Mark::Released, "dev-a", "win10", "1"));
    REQUIRE(state.write_mark(Mark::Released, "dev-b", "work", "1"));
    REQUIRE(state.write_mark(Mark::Released, "dev-c", "win10", "2"));
    REQUIRE(state.write_mark(Mark::ByHand, "dev-a", "win10", "1"));
    folder.write("released/dev-d", "damaged = ");
    state.forget_marks(Mark::Released, "win10");
    CHECK(names_in(folder / "released") == Names{"dev-b"});
    CHECK(state.read_mark(Mark::ByHand, "dev-a", "1") == "win10");
}

TEST_CASE("a guest is paused until it is resumed, and all are while the machine sleeps") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.pause("win10"));
    REQUIRE(state.pause("win10"));
    CHECK(state.is_paused("win10"));
    CHECK_FALSE(state.is_paused("work"));
    REQUIRE(state.fall_asleep());
    CHECK(state.is_paused("work"));
    REQUIRE(state.resume("win10"));
    CHECK(state.is_paused("win10"));
    REQUIRE(state.wake_up());
    CHECK_FALSE(state.is_paused("win10"));
    CHECK_FALSE(state.is_paused("work"));
}

TEST_CASE("a record that is only half written is none") {
    const TemporaryFolder folder;
    const State state(folder.path());
    REQUIRE(state.write_record(record_of("dev-a")));
    folder.write("attached/dev-b.new", "guest = \"win10\"\n");
    CHECK(state.records().size() == 1);
}

TEST_CASE("no device's name leads out of the state's folder") {
    const TemporaryFolder outside;
    const std::string folder = outside.folder("state");
    const State state(folder);
    for (const std::string node :
         {"/dev/../../../evil", "../../evil", "/", "/..", "/.", "", "/dev/a\nb", "/dev/.hidden"}) {
        CAPTURE(node);
        const std::string instance = escape_path(node);
        REQUIRE(state.write_record(record_of(instance)));
        REQUIRE(state.write_mark(Mark::Failed, instance, "x", "1"));
        CHECK(names_in(folder + "/attached") == Names{instance});
        CHECK(names_in(folder + "/failed") == Names{instance});
        CHECK(names_in(outside.path()) == Names{"state"});
        CHECK(state.read_record(instance)->value().instance == instance);
        REQUIRE(state.remove_record(instance));
        REQUIRE(state.remove_mark(Mark::Failed, instance));
    }
}

TEST_CASE("the state is below USB_HOTPLUG_ROOT") {
    const TemporaryFolder folder;
    const EnvironmentVariable root("USB_HOTPLUG_ROOT", folder.path());
    REQUIRE(State(state_folder()).write_record(record_of(mouse)));
    CHECK(names_in(folder / "run/usb-hotplug/attached") == Names{mouse});
}

TEST_CASE("a folder made anew is another plugging in, and a missing one is none") {
    const TemporaryFolder folder;
    const std::string first = folder.folder("first");
    const std::string second = folder.folder("second");
    CHECK_FALSE(plug_id(first).empty());
    CHECK(plug_id(first) == plug_id(first));
    CHECK(plug_id(first) != plug_id(second));
    CHECK(plug_id(first).find_first_not_of("0123456789") == std::string::npos);
    CHECK(plug_id(folder / "missing").empty());
    CHECK(plug_id("").empty());
}

TEST_CASE("who left a port is known for both its names, until the next one takes it") {
    const TemporaryFolder folder;
    const State state(folder.path());
    CHECK_FALSE(state.read_departure("1-4"));
    const auto now = now_since_boot();
    REQUIRE(state.write_departure({"1-4", "2-3"}, {"win10", "7", now}));
    REQUIRE(state.write_departure({"1-5", ""}, {"a\"b\n", "8", now - std::chrono::minutes(9)}));
    CHECK(names_in(folder / "left") == Names{"1-4", "1-5", "2-3"});
    for (const std::string port : {"1-4", "2-3"}) {
        const auto read = state.read_departure(port);
        REQUIRE(read);
        CHECK(read->guest == "win10");
        CHECK(read->plug == "7");
        CHECK(read->when == now);
    }
    CHECK(state.read_departure("1-5")->guest == "a\"b\n");
    state.remove_departures({"1-4", "2-3", "9-9", ""});
    CHECK(names_in(folder / "left") == Names{"1-5"});
}

TEST_CASE("a departure that is too old, of the future or damaged is none, and goes with the next") {
    const TemporaryFolder folder;
    const State state(folder.path());
    const auto now = now_since_boot();
    REQUIRE(state.write_departure({"1-3"}, {"win10", "7", now + std::chrono::hours(1)}));
    REQUIRE(state.write_departure({"1-4"}, {"win10", "7", now - std::chrono::minutes(11)}));
    folder.write("left/1-5", "guest = ");
    CHECK_FALSE(state.read_departure("1-3"));
    CHECK_FALSE(state.read_departure("1-4"));
    CHECK_FALSE(state.read_departure("1-5"));
    REQUIRE(state.write_departure({"1-6"}, {"win10", "7", now}));
    CHECK(names_in(folder / "left") == Names{"1-6"});
}

TEST_CASE("only a port is the name of such a file") {
    const TemporaryFolder folder;
    const State state(folder.path());
    folder.write("1-4", "");
    const Departure departure = {"win10", "7", now_since_boot()};
    REQUIRE(state.write_departure({"", ".", "..", "../1-4", "a", "1-4/x", "1-4\n"}, departure));
    CHECK(names_in(folder / "left").empty());
    CHECK_FALSE(state.read_departure("../1-4"));
    state.remove_departures({"../1-4"});
    CHECK(names_in(folder.path()) == Names{"1-4"});
}
