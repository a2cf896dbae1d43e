// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/vhotplug_entry.h"

#include "base/text.h"
#include "model/regex.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace usb_hotplug::imports {

namespace {

/// vhotplug, which is Python, takes null, false, 0 and what is empty for not given.
bool is_given(const json& value) {
    const bool blank = value.is_string() && value.get_ref<const std::string&>().empty();
    return !value.is_null() && value != false && value != 0 && !blank &&
           !(value.is_structured() && value.empty());
}

/// The conditions of one entry, on their way to become rules.
class Entry {
public:
    Entry(const json& entry, NewRule rule, Draft& draft)
        : entry_(entry), rule_(std::move(rule)), draft_(draft) {}

    /// False when it fits devices in vhotplug that no rule now fits.
    bool write();

private:
    [[nodiscard]] bool has(const char* key) const;
    void lost(const std::string& why) { draft_.lost(label_ + why); }
    /// The same of what did fit some devices.
    void missed(const std::string& why) {
        whole_ = false;
        lost(why);
    }
    std::optional<std::string> text(const char* key);
    std::optional<std::uint32_t> number(const char* key, std::uint32_t max);
    void write_rule(Keys keys);
    bool gate();
    void id();
    void name(const char* key, const char* property);
    std::optional<std::string> regex(const char* key, const std::string& pattern);
    void port();
    void classes(const char* name, const std::string& prefix);

    const json& entry_;
    NewRule rule_;
    Keys gate_; ///< "removable", which limits all rules of the entry
    Draft& draft_;
    std::string label_;
    bool whole_ = true;
};

bool Entry::has(const char* key) const {
    const auto found = entry_.find(key);
    return found != entry_.end() && is_given(*found);
}

std::optional<std::string> Entry::text(const char* key) {
    if (!has(key)) {
        return std::nullopt;
    }
    if (!entry_[key].is_string()) {
        lost(std::string(key) + " is " + dumped(entry_[key]) + " and no string.");
        return std::nullopt;
    }
    return entry_[key].get<std::string>();
}

std::optional<std::uint32_t> Entry::number(const char* key, std::uint32_t max) {
    if (!has(key)) {
        return std::nullopt;
    }
    const json& value = entry_[key];
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > max) {
        lost(std::string(key) + " is " + dumped(value) + " and no number from 1 to " +
             std::to_string(max) + ", so it fits nothing.");
        return std::nullopt;
    }
    return value.get<std::uint32_t>();
}

void Entry::write_rule(Keys keys) {
    NewRule rule = rule_;
    rule.keys = std::move(keys);
    rule.keys.insert(rule.keys.end(), gate_.begin(), gate_.end());
    draft_.rule(rule);
}

/// "removable", which limits all the others. False when it can never hold.
bool Entry::gate() {
    const auto found = entry_.find("removable");
    if (found == entry_.end()) {
        return true;
    }
    std::vector<std::string> values;
    for (const std::string_view known : {"fixed", "removable", "unknown"}) {
        const auto is_it = [&](const json& one) {
            return one.is_string() && lower(one.get<std::string>()) == known;
        };
        if (found->is_array() && std::any_of(found->begin(), found->end(), is_it)) {
            values.push_back(toml_string(known));
        }
    }
    if (values.empty()) {
        lost("removable is " + dumped(*found) +
             " and no array with one of \"fixed\", \"removable\" and \"unknown\", so the entry "
             "fits nothing.");
        return false;
    }
    if (values.size() == 1 && values[0] != "\"unknown\"") {
        gate_.emplace_back("removable", values[0] == "\"removable\"" ? "true" : "false");
    } else {
        gate_.emplace_back("attribute", "{ removable = " + one_or_list(values) + " }");
    }
    return true;
}

void Entry::id() {
    const auto vendor = text("vendorId");
    const auto product = text("productId");
    if (has("vendorId") != has("productId")) {
        lost("vendorId and productId count only together, so one alone fits nothing. All products "
             "of a vendor are id = \"046d:*\".");
    }
    if (!vendor || !product) {
        return;
    }
    if (!is_id_half(*vendor) || !is_id_half(*product)) {
        lost("vendorId " + toml_string(*vendor) + " and productId " + toml_string(*product) +
             " are not four hexadecimal digits each, so they fit nothing.");
        return;
    }
    write_rule({{"id", toml_string(lower(*vendor) + ":" + lower(*product))}});
}

/// What both Python and RE2 accept and take for different things, or only RE2 accepts.
std::optional<std::string> other_meaning(const std::string& pattern) {
    constexpr std::array<std::string_view, 7> constructs = {"{,",  "[[:", "\\C", "\\Q",
                                                            "\\p", "\\P", "(?U"};
    for (const std::string_view construct : constructs) {
        if (pattern.find(construct) != std::string::npos) {
            return toml_string(construct) + " is something else in Python than in RE2";
        }
    }
    return std::nullopt;
}

/// The TOML of an expression that fits the whole text where the one of vhotplug fits its beginning.
std::optional<std::string> Entry::regex(const char* key, const std::string& pattern) {
    auto problem = other_meaning(pattern);
    const auto compiled = compile_regex(pattern);
    if (!problem && !compiled) {
        problem = compiled.error().message;
    }
    // "a|b.*" is a prefix of less than "(?:a|b.*).*".
    const bool open = pattern.ends_with(".*") && !pattern.ends_with("\\.*") &&
                      pattern.find('|') == std::string::npos;
    const std::string whole = open ? pattern : "(?:" + pattern + ").*";
    if (!problem && !compile_regex(whole)) {
        problem = "it is too large";
    }
    if (problem) {
        missed(std::string(key) + " " + toml_string(pattern) + ": " + *problem + ".");
        return std::nullopt;
    }
    if (compiled->matches("")) {
        draft_.differs(
            label_ + key + " " + toml_string(pattern) +
            " fits devices without a name, too, with vhotplug; here they must have one.");
    }
    return "{ regex = " + toml_string(whole) + " }";
}

/// vhotplug looks at the name in the hardware database, and at the device's own where that has
/// none.
void Entry::name(const char* key, const char* property) {
    const auto pattern = text(key);
    const auto expression = pattern ? regex(key, *pattern) : std::nullopt;
    if (!expression) {
        return;
    }
    const std::string name(property);
    write_rule({{"property", "{ " + name + "_FROM_DATABASE = " + *expression + " }"}});
    draft_.differs("vhotplug asks for this name only of devices that the hardware database does "
                   "not know.");
    write_rule({{"property", "{ " + name + " = " + *expression + " }"}});
}

/// Only the port at the controller counts. With the bus beside it, the USB 3 side of the same
/// connector does not fit, as in vhotplug.
void Entry::port() {
    const auto bus = number("bus", 999);
    const auto port = number("port", 999);
    if (has("bus") != has("port")) {
        lost("bus and port count only together, so one alone fits nothing.");
    }
    if (bus && port) {
        const std::string root = std::to_string(*bus) + "-" + std::to_string(*port);
        const std::vector<std::string> ports = {toml_string(root), toml_string(root + ".*")};
        write_rule({{"bus", std::to_string(*bus)}, {"port", one_or_list(ports)}});
    }
}

void Entry::classes(const char* name, const std::string& prefix) {
    const auto base = number((prefix + "Class").c_str(), 255);
    const auto subclass = number((prefix + "Subclass").c_str(), 255);
    const auto protocol = number((prefix + "Protocol").c_str(), 255);
    if (!has((prefix + "Class").c_str())) {
        if (subclass || protocol) {
            lost(prefix + "Subclass and " + prefix + "Protocol count only beside " + prefix +
                 "Class, so they fit nothing.");
        }
        return;
    }
    if (!base || (has((prefix + "Subclass").c_str()) && !subclass) ||
        (has((prefix + "Protocol").c_str()) && !protocol)) {
        return; // said already
    }
    std::vector<std::string> parts = {"class = " + std::to_string(*base)};
    if (subclass) {
        parts.push_back("subclass = " + std::to_string(*subclass));
    }
    if (protocol) {
        parts.push_back("protocol = " + std::to_string(*protocol));
    }
    write_rule({{name, "{ " + join(parts) + " }"}});
}

bool Entry::write() {
    label_ = rule_.description.empty() ? (rule_.except ? "deny: " : "allow: ")
                                       : toml_string(rule_.description) + ": ";
    say_other_keys(entry_,
                   {"description", "enable", "disable", "removable", "vendorId", "productId",
                    "vendorName", "productName", "bus", "port", "deviceClass", "deviceSubclass",
                    "deviceProtocol", "interfaceClass", "interfaceSubclass", "interfaceProtocol",
                    "driverPath"},
                   draft_);
    if (has("driverPath")) {
        missed("driverPath " + dumped(entry_["driverPath"]) +
               ", the file of the module that would be loaded; driver = \"...\" is the driver that "
               "an interface has.");
    }
    const std::size_t before = draft_.body().size();
    if (gate()) {
        id();
        name("vendorName", "ID_VENDOR");
        name("productName", "ID_MODEL");
        port();
        classes("device", "device");
        classes("interface", "interface");
    }
    if (draft_.body().size() == before && !has("driverPath")) {
        lost("there is no condition in it, so it fits nothing.");
    }
    draft_.blank();
    return whole_;
}

} // namespace

std::optional<std::string> text_of(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? std::optional(found->get<std::string>())
                                                       : std::nullopt;
}

std::string dumped(const json& value) {
    return value.dump();
}

bool is_enabled(const json& object) {
    if (const auto disable = object.find("disable"); disable != object.end()) {
        return !is_given(*disable);
    }
    const auto enable = object.find("enable");
    return enable == object.end() || is_given(*enable);
}

void say_other_keys(const json& object, std::initializer_list<std::string_view> known,
                    Draft& draft) {
    for (const auto& [key, value] : object.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            draft.lost(toml_string(key) + ": " + dumped(value));
        }
    }
}

bool write_entry(const json& entry, bool except, bool enabled, Draft& draft) {
    const NewRule rule{
        except, enabled && is_enabled(entry), text_of(entry, "description").value_or(""), {}};
    return Entry(entry, rule, draft).write();
}

} // namespace usb_hotplug::imports
