// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/libvirt_cut_off.h"

#include "base/text.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace usb_hotplug {

namespace {

using Json = nlohmann::json;

/// Of QEMU, for names of block nodes (block.c).
constexpr std::size_t node_name_max = 31;

/// The value that QEMU answers with.
Result<Json> call(const AskQemu& ask, const std::string& command, Json arguments) {
    const Json request = {{"execute", command}, {"arguments", std::move(arguments)}};
    auto text = ask(request.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (!text) {
        return forward(text);
    }
    const Json answer = Json::parse(*text, nullptr, false);
    if (answer.is_object() && answer.contains("return")) {
        return answer["return"];
    }
    return fail("QEMU, " + command + ": " + printable(*text, 300));
}

/// A block node of QEMU's: a format, or the file below it.
struct Node {
    std::string name;
    std::string file;
    std::uint64_t size = 0;
};

Result<std::vector<Node>> list_nodes(const AskQemu& ask) {
    auto answer = call(ask, "query-named-block-nodes", {{"flat", true}});
    if (!answer) {
        return forward(answer);
    }
    std::vector<Node> nodes;
    for (const Json& entry : *answer) {
        const Json image = entry.value("image", Json::object());
        nodes.push_back({entry.value("node-name", ""), entry.value("file", ""),
                         image.value("virtual-size", std::uint64_t{0})});
    }
    return nodes;
}

/// Takes out what a disk was made of. The upper nodes hold the lower ones, so once is not enough.
Result<> close_file(const AskQemu& ask, const std::string& file) {
    constexpr int layers_max = 4;
    std::string last;
    for (int i = 0; i < layers_max; ++i) {
        const auto nodes = list_nodes(ask);
        if (nodes && std::none_of(nodes->begin(), nodes->end(),
                                  [&](const Node& node) { return node.file == file; })) {
            return {};
        }
        for (const Node& node : nodes ? *nodes : std::vector<Node>()) {
            const auto deleted = node.file == file
                                     ? call(ask, "blockdev-del", {{"node-name", node.name}})
                                     : Result<Json>(Json());
            last = deleted ? last : deleted.error().message;
        }
    }
    return fail("QEMU still has the disk open: " + last);
}

} // namespace

Result<> cut_off_disk(const AskQemu& ask, const std::string& alias) {
    const Json place = {{"path", "/machine/peripheral/" + alias + "/virtio-backend"},
                        {"property", "drive"}};
    auto drive = call(ask, "qom-get", place);
    if (!drive || !drive->is_string()) {
        return drive ? fail("QEMU does not say what " + alias + " is made of") : forward(drive);
    }
    auto nodes = list_nodes(ask);
    if (!nodes) {
        return forward(nodes);
    }
    const auto name = drive->get<std::string>();
    const auto node = std::find_if(nodes->begin(), nodes->end(),
                                   [&](const Node& known) { return known.name == name; });
    if (node == nodes->end() || node->file.empty()) {
        return fail("QEMU does not say what " + alias + " is made of");
    }
    const std::string dead = ("cut-off-" + name).substr(0, node_name_max);
    const Json nothing = {{"driver", "null-co"}, {"size", node->size}};
    const Json error = {{"event", "none"}, {"errno", EIO}, {"once", false}};
    if (auto made = call(ask, "blockdev-add",
                         {{"driver", "blkdebug"},
                          {"node-name", dead},
                          {"image", nothing},
                          {"inject-error", Json::array({error})}});
        !made) {
        return forward(made);
    }
    Json change = place;
    change["value"] = dead;
    if (auto changed = call(ask, "qom-set", change); !changed) {
        (void)call(ask, "blockdev-del", {{"node-name", dead}});
        return forward(changed);
    }
    return close_file(ask, node->file);
}

} // namespace usb_hotplug
