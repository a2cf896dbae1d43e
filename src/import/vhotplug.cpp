// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The JSON configuration of vhotplug, https://github.com/tiiuae/vhotplug. There the groups of
// usbPassthrough are asked in order, and the first that fits wins: one of its "allow" entries, and
// none of its "deny" entries. What one entry means is vhotplug_entry.cpp's business.

#include "base/text.h"
#include "import/vhotplug_entry.h"

#include <array>
#include <cstdint>
#include <set>

namespace usb_hotplug::imports {

namespace {

constexpr int depth_max = 16;
/// A group is written once for each VM in allowedVms, so the result can be larger than the source.
constexpr std::size_t vms_max = 100;
constexpr std::size_t result_max = std::size_t{8} << 20U;

struct Refused {
    std::string why;
};

/// Looks at each value while it is being read.
void check_value(int depth, const json& value) {
    if (depth > depth_max) {
        throw Refused{"more than " + std::to_string(depth_max) +
                      " arrays and objects are in each other; no configuration of vhotplug has "
                      "that"};
    }
    if (value.is_string() && value.get_ref<const std::string&>().find('\0') != std::string::npos) {
        throw Refused{"a string has a NUL character, \\u0000; no name has that"};
    }
}

Result<json> parse_json(const Source& source) {
    try {
        return json::parse(source.text, [](int depth, json::parse_event_t, const json& value) {
            check_value(depth, value);
            return true;
        });
    } catch (const Refused& refused) {
        return fail(printable(source.file, 1024) + ": " + refused.why);
    } catch (const json::parse_error& error) {
        // "[json.exception...] parse error at line 3, column 7: what"
        const std::string_view what = error.what();
        const std::size_t column = what.find("column ");
        const std::size_t colon = what.find(": ", column == std::string_view::npos ? 0 : column);
        const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
        return mistake_at(source, offset,
                          "not valid JSON: " + printable(colon == std::string_view::npos
                                                             ? what
                                                             : what.substr(colon + 2)));
    } catch (const json::exception& error) {
        // "[json.exception.out_of_range.406] number overflow parsing '1e999'"
        const std::string_view what = error.what();
        const std::size_t end = what.find("] ");
        return fail(printable(source.file, 1024) + ": not valid JSON: " +
                    printable(end == std::string_view::npos ? what : what.substr(end + 2)));
    }
}

/// A mistake in the shape of the JSON, "/usbPassthrough/0/allow must be an array of objects".
std::optional<std::string> not_objects(const json& parent, const std::string& where,
                                       const char* key) {
    const auto found = parent.find(key);
    if (found == parent.end()) {
        return std::nullopt;
    }
    const bool objects =
        found->is_array() && std::all_of(found->begin(), found->end(),
                                         [](const json& element) { return element.is_object(); });
    return objects ? std::nullopt
                   : std::optional(where + "/" + key + " must be an array of objects");
}

std::optional<std::string> mistake_in_vms(const json& group, const std::string& where) {
    const json target = group.value("targetVm", json());
    if (!target.is_null() && !target.is_string()) {
        return where + "/targetVm must be a string";
    }
    const json allowed = group.value("allowedVms", json::array());
    const bool names =
        allowed.is_array() && std::all_of(allowed.begin(), allowed.end(), [](const json& element) {
            return element.is_string() && !element.get_ref<const std::string&>().empty();
        });
    if (!names || allowed.size() > vms_max) {
        return where + "/allowedVms must be an array of names, at most " + std::to_string(vms_max);
    }
    return std::nullopt;
}

std::optional<std::string> mistake_in(const json& root) {
    if (!root.is_object()) {
        return "the file must be one JSON object";
    }
    for (const char* key : {"usbPassthrough", "vms"}) {
        if (auto mistake = not_objects(root, "", key)) {
            return mistake;
        }
    }
    std::size_t i = 0;
    for (const json& group : root.value("usbPassthrough", json::array())) {
        const std::string where = "/usbPassthrough/" + std::to_string(i++);
        for (const auto& mistake :
             {not_objects(group, where, "allow"), not_objects(group, where, "deny"),
              mistake_in_vms(group, where)}) {
            if (mistake) {
                return mistake;
            }
        }
    }
    return std::nullopt;
}

/// One element of usbPassthrough.
struct Group {
    const json& node;
    std::string title;
    std::vector<std::string> vms;
    bool asks = false; ///< which of the VMs
    bool enabled = true;

    /// Whether it gives devices to a VM without asking.
    [[nodiscard]] bool gives() const { return enabled && !asks && !vms.empty(); }
    /// Whether it keeps devices from the groups after it, and gives them to nobody at first.
    [[nodiscard]] bool keeps() const {
        const json entries = node.value("allow", json::array());
        return enabled && !gives() && std::any_of(entries.begin(), entries.end(), is_enabled);
    }
};

std::string title_of(const json& node) {
    const std::string description = text_of(node, "description").value_or("");
    return description.empty() ? "without a description" : toml_string(description);
}

std::vector<Group> groups_of(const json& root) {
    std::vector<Group> groups;
    const auto found = root.find("usbPassthrough");
    for (std::size_t i = 0; found != root.end() && i < found->size(); ++i) {
        const json& node = (*found)[i];
        Group group{node, "Group " + std::to_string(i + 1) + ", " + title_of(node), {}};
        group.enabled = is_enabled(node);
        if (const auto target = text_of(node, "targetVm"); target && !target->empty()) {
            group.vms = {*target};
        } else if (const auto allowed = node.find("allowedVms");
                   allowed != node.end() && allowed->is_array()) {
            group.asks = true;
            std::set<std::string> seen;
            for (const json& vm : *allowed) {
                if (seen.insert(vm.get<std::string>()).second) {
                    group.vms.push_back(vm.get<std::string>());
                }
            }
        }
        groups.push_back(std::move(group));
    }
    return groups;
}

/// What is known of the groups before one, and of all, as vhotplug decides by their order.
class Order {
public:
    explicit Order(const std::vector<Group>& groups) {
        for (const Group& group : groups) {
            for (const std::string& vm : group.vms) {
                count_[vm] += group.enabled ? 1 : 0;
            }
        }
    }

    /// The next group, with all VMs that have it.
    void next(const Group& group) {
        keeper_ = keeper_ == nullptr && group.keeps() ? &group : keeper_;
    }

    /// Whether a group that comes first has what no rule of this one may give away. Whether the two
    /// have a device in common is not worked out.
    [[nodiscard]] bool is_late(const Group& group) const {
        return keeper_ != nullptr && keeper_ != &group;
    }

    void say(const Group& group, Draft& draft) {
        if (!group.gives()) {
            return;
        }
        if (is_late(group)) {
            draft.differs(keeper_->title + " comes first, and vhotplug " +
                          (keeper_->asks ? "asks who gets what fits it"
                                         : "leaves what fits it with the host") +
                          ". No rule here can say that, so the rules of this group are switched "
                          "off. If they fit no such device, take \"enabled = false\" out.");
        }
        const std::string& vm = group.vms.front();
        const bool first = seen_.insert(vm).second;
        if (first && !last_.empty()) {
            draft.differs("what a group before this one gives to another guest can come here while "
                          "that guest is off; with vhotplug it goes nowhere then.");
        }
        if (!first && last_ != vm) {
            draft.differs("a device that fits both the group before and this one goes to " +
                          toml_string(last_) +
                          " with vhotplug; here it goes to the guest with the "
                          "higher priority, whatever the rule.");
        }
        last_ = vm;
        if (count_[vm] > 1 && group.node.contains("deny") && !group.node["deny"].empty()) {
            draft.differs("vhotplug holds \"deny\" against its own group; [[except]] holds against "
                          "all rules of the guest.");
        }
    }

private:
    std::map<std::string, std::size_t> count_; ///< groups that name this VM
    std::set<std::string> seen_;
    std::string last_;
    const Group* keeper_ = nullptr; ///< the first group that keeps devices from the later ones
};

void say_asking(const Group& group, Draft& draft) {
    std::vector<std::string> names;
    for (const std::string& vm : group.vms) {
        names.push_back(toml_string(vm));
    }
    draft.differs("vhotplug asks which of " + join(names) +
                  " gets a device of this group. Here nobody gets it until you say "
                  "'usb-hotplugctl attach DEVICE GUEST', or take the lines \"enabled = false\" out "
                  "in the file of one guest.");
}

void write_group(const Group& group, Order& order, Draft& draft) {
    draft.comment(group.title);
    if (group.asks) {
        say_asking(group, draft);
    }
    order.say(group, draft);
    say_other_keys(group.node,
                   {"description", "enable", "disable", "targetVm", "allowedVms", "allow", "deny"},
                   draft);
    // What cannot be denied any more must not go to the guest instead.
    Draft denied;
    bool all_denied = true;
    bool enabled = group.gives() && !order.is_late(group);
    for (const json& entry : group.node.value("deny", json::array())) {
        all_denied = write_entry(entry, true, enabled, denied) && all_denied;
    }
    if (!all_denied) {
        draft.differs("a part of \"deny\" is not carried over, see below, so the rules of this "
                      "group are switched off. When you have said it in another way, take "
                      "\"enabled = false\" out.");
        enabled = false;
    }
    draft.blank();
    for (const json& entry : group.node.value("allow", json::array())) {
        (void)write_entry(entry, false, enabled, draft);
    }
    draft.append(denied);
}

/// Passthrough of what is no USB device: in the file of its guest, if there is one.
void say_other_devices(const std::string& key, const json& value, Drafts& drafts) {
    const json groups = value.is_array() ? value : json::array({value});
    for (const json& group : groups) {
        const std::string vm = text_of(group, "targetVm").value_or("");
        Draft& draft = drafts.of_known(vm);
        const std::string owner =
            drafts.knows(vm) ? "" : " for " + (vm.empty() ? "nobody" : toml_string(vm));
        draft.lost(key + owner + ", " + title_of(group) +
                   ": this version hands over USB devices, and nothing else.");
        if (!group.is_object()) {
            draft.comment("  " + dumped(group));
            continue;
        }
        for (const auto& [name, part] : group.items()) {
            if (name == "description" || name == "targetVm") {
                continue;
            }
            const json parts = part.is_array() ? part : json::array({part});
            for (const json& one : parts) {
                draft.comment("  " + toml_string(name) + ": " + dumped(one));
            }
        }
        draft.blank();
    }
}

/// vhotplug speaks to QEMU and crosvm themselves.
void say_vms(const json& root, Drafts& drafts) {
    for (const json& vm : root.value("vms", json::array())) {
        const std::string name = text_of(vm, "name").value_or("");
        if (!drafts.knows(name)) {
            drafts.general().lost("the VM " + dumped(vm) + ", which no group names.");
            continue;
        }
        drafts.of(name).differs("vhotplug reaches this VM by " + dumped(vm) +
                                "; here it must be the libvirt domain " + toml_string(name) +
                                ", or say domain = \"...\" in [guest].");
        drafts.of(name).blank();
    }
}

} // namespace

Result<> read_vhotplug(const Source& source, Drafts& drafts) {
    const auto root = parse_json(source);
    if (!root) {
        return tl::unexpected<Error>(root.error());
    }
    if (const auto mistake = mistake_in(*root)) {
        return fail(printable(source.file, 1024) + ": " + *mistake);
    }
    const auto groups = groups_of(*root);
    Order order(groups);
    std::size_t size = 0;
    drafts.first_wins();
    for (const Group& group : groups) {
        if (group.vms.empty()) {
            drafts.general().lost(group.title +
                                  ": there is neither targetVm nor allowedVms, so vhotplug gives "
                                  "its devices to nobody: " +
                                  dumped(group.node));
        }
        order.next(group);
        for (const std::string& vm : group.vms) {
            Draft& draft = drafts.of(vm);
            const std::size_t before = draft.body().size();
            write_group(group, order, draft);
            size += draft.body().size() - before;
            if (size > result_max) {
                return fail(printable(source.file, 1024) + ": " + group.title +
                            ": the result would be larger than " + std::to_string(result_max) +
                            " bytes; import fewer groups at a time, or groups of fewer VMs");
            }
        }
    }
    for (const auto& [key, value] : root->items()) {
        if (key == "pciPassthrough" || key == "evdevPassthrough" || key == "acpiPassthrough") {
            say_other_devices(key, value, drafts);
        } else if (key != "usbPassthrough" && key != "vms") {
            drafts.general().lost(toml_string(key) + ": " + dumped(value));
        }
    }
    say_vms(*root, drafts);
    return {};
}

} // namespace usb_hotplug::imports
