// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of guest/libvirt_cut_off, with a QEMU that keeps block nodes and answers like the real one.

#include "guest/libvirt_cut_off.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <vector>

using namespace usb_hotplug;

namespace {

using Json = nlohmann::json;

struct Qemu {
    std::vector<std::string> nodes = {"libvirt-1-format", "libvirt-1-storage"};
    std::string drive = "libvirt-1-format";
    std::vector<std::string> asked;
    std::string refuses; ///< this command

    Result<std::string> answer(const std::string& text) {
        const Json command = Json::parse(text);
        const auto name = command["execute"].get<std::string>();
        const Json arguments = command["arguments"];
        asked.push_back(name);
        if (name == refuses) {
            return std::string(R"({"error":{"desc":"no"}})");
        }
        Json value = Json::object();
        if (name == "qom-get") {
            CHECK(arguments["path"] == "/machine/peripheral/ua-usb-hotplug-dev-sdb/virtio-backend");
            value = drive;
        } else if (name == "query-named-block-nodes") {
            value = Json::array();
            for (const std::string& node : nodes) {
                const bool is_dead = node.starts_with("cut-off-");
                value.push_back({{"node-name", node},
                                 {"file", is_dead ? "json:null" : "/dev/sdb"},
                                 {"image", {{"virtual-size", 4096}}}});
            }
        } else if (name == "blockdev-add") {
            CHECK(arguments["image"]["size"] == 4096);
            nodes.push_back(arguments["node-name"].get<std::string>());
        } else if (name == "qom-set") {
            drive = arguments["value"].get<std::string>();
        } else if (name == "blockdev-del") {
            // As long as it is used it stays: by the device, or by the format above.
            const auto node = arguments["node-name"].get<std::string>();
            const bool is_used =
                node == drive || (node == "libvirt-1-storage" &&
                                  std::count(nodes.begin(), nodes.end(), "libvirt-1-format") > 0);
            if (is_used) {
                return std::string(R"({"error":{"desc":"in use"}})");
            }
            std::erase(nodes, node);
        }
        return Json{{"return", value}}.dump();
    }
    Result<> cut_off() {
        return cut_off_disk([this](const std::string& text) { return answer(text); },
                            "ua-usb-hotplug-dev-sdb");
    }
};

} // namespace

TEST_CASE("the guest has a disk that fails in its place, and the host's is closed") {
    Qemu qemu;
    CHECK(qemu.cut_off());
    CHECK(qemu.drive == "cut-off-libvirt-1-format");
    CHECK(qemu.nodes == std::vector<std::string>{"cut-off-libvirt-1-format"});
}

TEST_CASE("the order of the nodes does not matter") {
    Qemu qemu;
    std::swap(qemu.nodes[0], qemu.nodes[1]);
    CHECK(qemu.cut_off());
    CHECK(qemu.nodes.size() == 1);
}

TEST_CASE("a QEMU that cannot exchange a disk keeps the one it has") {
    for (const char* command : {"qom-get", "query-named-block-nodes", "blockdev-add", "qom-set"}) {
        CAPTURE(command);
        Qemu qemu;
        qemu.refuses = command;
        CHECK_FALSE(qemu.cut_off());
        CHECK(qemu.drive == "libvirt-1-format");
        CHECK(qemu.nodes == std::vector<std::string>{"libvirt-1-format", "libvirt-1-storage"});
    }
}

TEST_CASE("a disk that QEMU does not close is an error") {
    Qemu qemu;
    qemu.refuses = "blockdev-del";
    const auto done = qemu.cut_off();
    REQUIRE_FALSE(done);
    CHECK(done.error().message.starts_with("QEMU still has the disk open: "));
}
