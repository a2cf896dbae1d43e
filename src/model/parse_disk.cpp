// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The syntax of [[disk]] rules: how the guest gets the disk. Which disks are meant is said as in
// any other rule (parse_rule.cpp).

#include "base/text.h"
#include "model/parse_rule.h"

#include <algorithm>
#include <array>

namespace usb_hotplug {

namespace {

template <class Value, std::size_t N>
using Words = std::array<std::pair<std::string_view, Value>, N>;

constexpr Words<DiskBus, 3> buses = {
    {{"virtio", DiskBus::Virtio}, {"scsi", DiskBus::Scsi}, {"usb", DiskBus::Usb}}};

/// As QEMU and libvirt call them.
constexpr Words<DiskCache, 5> caches = {{
    {"none", DiskCache::None},
    {"writethrough", DiskCache::Writethrough},
    {"writeback", DiskCache::Writeback},
    {"directsync", DiskCache::Directsync},
    {"unsafe", DiskCache::Unsafe},
}};

constexpr Words<DiskDiscard, 2> discards = {
    {{"ignore", DiskDiscard::Ignore}, {"unmap", DiskDiscard::Unmap}}};

/// One of some words; what is none of them is noted, with the word that was probably meant.
template <class Value, std::size_t N>
Value parse_word(const TomlTable& table, const std::string& key, const Words<Value, N>& words,
                 Value otherwise) {
    const auto text = table.string(key);
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& word) { return text && word.first == *text; });
    if (!text || found != words.end()) {
        return text ? found->second : otherwise;
    }
    std::vector<std::string_view> names;
    std::vector<std::string> quoted;
    for (const auto& word : words) {
        names.push_back(word.first);
        quoted.push_back('"' + std::string(word.first) + '"');
    }
    const auto meant = nearest(*text, names);
    table.error(key, "'" + key + "' must be one of " + join(quoted) + "; \"" +
                         printable(*text, 64) + "\" is not" +
                         (meant ? "; did you mean \"" + std::string(*meant) + "\"?" : ""));
    return otherwise;
}

/// "vdb": the names that guests give to disks of this bus, and libvirt numbers them by.
std::string parse_target(const TomlTable& table, DiskBus bus) {
    const auto target = table.string("target");
    const std::string_view prefix = target_prefix(bus);
    if (!target) {
        return {};
    }
    const std::string_view letters =
        target->starts_with(prefix) ? std::string_view(*target).substr(prefix.size()) : "";
    if (letters.empty() || letters.size() > 2 ||
        letters.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos) {
        table.error("target", "'target' must be " + std::string(prefix) +
                                  " and one or two letters on this bus, as in \"" +
                                  std::string(prefix) + "b\"; \"" + printable(*target, 64) +
                                  "\" is not");
        return {};
    }
    return *target;
}

} // namespace

DiskRule parse_disk_rule(const TomlTable& table) {
    static constexpr std::array<std::string_view, 6> settings_keys = {
        "target", "bus", "read-only", "cache", "discard", "force"};
    DiskRule disk;
    disk.rule = parse_disk_conditions(table, settings_keys);
    DiskSettings& settings = disk.settings;
    settings.bus = parse_word(table, "bus", buses, settings.bus);
    settings.target = parse_target(table, settings.bus);
    settings.read_only = table.boolean("read-only").value_or(settings.read_only);
    settings.cache = parse_word(table, "cache", caches, settings.cache);
    settings.discard = parse_word(table, "discard", discards, settings.discard);
    settings.force = table.boolean("force").value_or(settings.force);
    return disk;
}

} // namespace usb_hotplug
