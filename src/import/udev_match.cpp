// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/udev_match.h"

#include "base/text.h"

#include <algorithm>
#include <map>

namespace usb_hotplug::imports {

namespace {

using Globs = std::vector<std::string>;

/// "046d|04f2": the globs between the bars. An empty one is kept.
Globs alternatives(const std::string& value) {
    Globs globs;
    std::size_t start = 0;
    for (;;) {
        const std::size_t bar = std::min(value.find('|', start), value.size());
        globs.push_back(value.substr(start, bar - start));
        if (bar == value.size()) {
            return globs;
        }
        start = bar + 1;
    }
}

/// Whether the match holds for a device that has this value.
bool holds(const UdevToken& token, const std::string& value) {
    const Globs globs = alternatives(token.value);
    const bool fits = std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
        return glob_matches(glob, value);
    });
    return fits == (token.op == "==");
}

/// "ACTION" of ACTION and of ENV{ACTION}, which are the same.
const std::string& name_of(const UdevToken& token) {
    return token.key == "ENV" ? token.attribute : token.key;
}

bool is_fixed(const UdevToken& token) {
    const std::string& name = name_of(token);
    return name == "ACTION" || name == "SUBSYSTEM" || name == "DEVTYPE" ||
           token.key == "SUBSYSTEMS";
}

/// "1-4.2" or "1-4.*", the names of USB devices in the kernel, of which only a last '*' is a glob.
bool is_port_glob(std::string_view glob) {
    const std::size_t dash = glob.find('-');
    if (glob.ends_with('*')) {
        glob.remove_suffix(1);
    }
    return dash != std::string_view::npos && dash > 0 && dash < glob.size() &&
           glob.find_first_not_of("0123456789.-") == std::string_view::npos;
}

/// Takes the matches of a rule one by one.
class Translator {
public:
    explicit Translator(const UdevRule& rule);
    Matches finish();

private:
    void token(const UdevToken& token);
    void fixed(const UdevToken& token);
    void device_path(const UdevToken& token, bool ancestors_too);
    void text(std::map<std::string, Globs>& texts, const UdevToken& token, const std::string& name);
    void lose(const UdevToken& token, const std::string& why);
    bool globs_of(const UdevToken& token, Globs& globs);
    std::optional<std::string> take_id(std::map<std::string, Globs>& texts, const char* vendor,
                                       const char* product);

    Matches matches_;
    std::map<std::string, Globs> properties_;
    std::map<std::string, Globs> attributes_;
    Globs tags_;
    /// ATTRS, KERNELS and SUBSYSTEMS must all fit the device or all fit the same one of those it is
    /// connected to. When there are several of them, they are taken to mean the device.
    bool itself_ = false;
};

void Translator::lose(const UdevToken& token, const std::string& why) {
    if (!matches_.lost) {
        matches_.lost = token.text() + " " + why;
    }
}

bool Translator::globs_of(const UdevToken& token, Globs& globs) {
    if (token.op == "!=" && token.value.empty()) {
        globs = {"?*"};
        return true;
    }
    if (token.op == "!=") {
        lose(token, "cannot be turned round in a rule; an [[except]] would hold against all rules "
                    "of the guest");
        return false;
    }
    globs = alternatives(token.value);
    for (const std::string& glob : globs) {
        if (glob.empty()) {
            lose(token, "asks for what the device does not have");
            return false;
        }
        if (const auto mistake = glob_mistake(glob)) {
            lose(token, *mistake);
            return false;
        }
    }
    return true;
}

void Translator::text(std::map<std::string, Globs>& texts, const UdevToken& token,
                      const std::string& name) {
    Globs globs;
    if (globs_of(token, globs) && !texts.try_emplace(name, std::move(globs)).second) {
        lose(token, "is the second match of the same");
    }
}

/// A match whose outcome is known, as the device is a USB device that is plugged in.
void Translator::fixed(const UdevToken& token) {
    const std::string& name = name_of(token);
    if (name == "ACTION") {
        if (!holds(token, "add") && !holds(token, "bind")) {
            matches_.never = holds(token, "remove")
                                 ? "devices come back by themselves when they are unplugged"
                                 : "it is about no action of plugging in";
        }
    } else if (name == "DEVTYPE") {
        if (!holds(token, "usb_device")) {
            matches_.never = "it is about no USB device as a whole";
        }
    } else if (!holds(token, "usb")) {
        if (name == "SUBSYSTEM") {
            matches_.never = "it is about devices that are not USB devices";
        } else {
            lose(token, "is about what the device is connected to");
        }
    }
}

/// The names of kernel devices are parts of DEVPATH: the last is the device's own, and those before
/// it are those of what it is connected to.
void Translator::device_path(const UdevToken& token, bool ancestors_too) {
    Globs names;
    if (!globs_of(token, names)) {
        return;
    }
    Globs paths;
    for (const std::string& name : names) {
        const bool any_device = !ancestors_too && is_port_glob(name);
        const bool one_device = ancestors_too && name.find_first_of("*?[\\") == std::string::npos;
        if (!any_device && !one_device) {
            lose(token, "has a pattern that is no condition");
            return;
        }
        paths.push_back("*/" + name);
        if (ancestors_too) {
            paths.push_back("*/" + name + "/*");
        }
    }
    if (!properties_.try_emplace("DEVPATH", std::move(paths)).second) {
        lose(token, "is the second match of the device's place");
    }
}

void Translator::token(const UdevToken& token) {
    if (token.escaped) {
        lose(token, "has escapes");
    } else if (is_fixed(token)) {
        fixed(token);
    } else if (token.key == "ENV" &&
               (token.attribute.empty() || token.attribute.find('=') != std::string::npos)) {
        lose(token, "is no property of the device");
    } else if (token.key == "ENV") {
        text(properties_, token, token.attribute);
    } else if (token.key == "DEVPATH") {
        text(properties_, token, "DEVPATH");
    } else if (token.key == "ATTR" || token.key == "ATTRS") {
        const std::string& name = token.attribute;
        if (name.empty() || name[0] == '.' || name.find_first_of("/[") != std::string::npos) {
            lose(token, "is no attribute in the device's own folder");
            return;
        }
        text(attributes_, token, name);
    } else if (token.key == "KERNEL") {
        device_path(token, false);
    } else if (token.key == "KERNELS") {
        device_path(token, !itself_);
    } else if (token.key == "TAG" && tags_.empty()) {
        (void)globs_of(token, tags_);
    } else {
        lose(token, "is no condition of a rule");
    }
}

std::string toml_of(const Globs& globs) {
    std::vector<std::string> values;
    for (const std::string& glob : globs) {
        values.push_back(toml_string(glob));
    }
    return one_or_list(values);
}

/// Vendor and product number as an id, where both are plain numbers.
std::optional<std::string> Translator::take_id(std::map<std::string, Globs>& texts,
                                               const char* vendor, const char* product) {
    const auto v = texts.find(vendor);
    const auto p = texts.find(product);
    const bool plain =
        v != texts.end() && v->second.size() == 1 && is_id_half(v->second[0]) &&
        (p == texts.end() || std::all_of(p->second.begin(), p->second.end(), is_id_half));
    if (!plain) {
        return std::nullopt;
    }
    std::vector<std::string> ids;
    for (const std::string& one : p == texts.end() ? Globs{"*"} : p->second) {
        ids.push_back(toml_string(lower(v->second[0] + ":" + one)));
    }
    texts.erase(vendor);
    texts.erase(product);
    return one_or_list(ids);
}

std::string table_of(const std::map<std::string, Globs>& texts) {
    std::vector<std::string> parts;
    for (const auto& [name, globs] : texts) {
        const bool bare = name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
                                                 "xyz0123456789_-") == std::string::npos;
        parts.push_back((bare && !name.empty() ? name : toml_string(name)) + " = " +
                        toml_of(globs));
    }
    return "{ " + join(parts) + " }";
}

Translator::Translator(const UdevRule& rule) {
    const auto has = [&](const char* key) {
        return std::any_of(rule.tokens.begin(), rule.tokens.end(),
                           [&](const UdevToken& one) { return one.key == key; });
    };
    itself_ = has("ATTRS") || (has("KERNELS") && has("SUBSYSTEMS"));
    if (itself_) {
        matches_.differs.emplace_back("ATTRS, KERNELS and SUBSYSTEMS also fit by what the device "
                                      "is connected to; here the device itself must fit.");
    }
    for (const UdevToken& one : rule.tokens) {
        if (one.is_match()) {
            token(one);
        }
    }
}

Matches Translator::finish() {
    auto id = take_id(properties_, "ID_VENDOR_ID", "ID_MODEL_ID");
    if (!id) {
        id = take_id(attributes_, "idVendor", "idProduct");
    }
    if (id) {
        matches_.keys.emplace_back("id", *id);
    }
    if (const auto path = properties_.find("DEVPATH"); path != properties_.end()) {
        const std::string& last = path->second.front();
        const std::string port = last.substr(last.rfind('/') + 1); // npos + 1 is 0
        if (path->second.size() == 1 && is_port_glob(port) && !port.ends_with('*')) {
            matches_.hints.push_back("As a port, whichever controller has the bus: port = " +
                                     toml_string(port));
        }
    }
    if (!properties_.empty()) {
        matches_.keys.emplace_back("property", table_of(properties_));
    }
    if (!attributes_.empty()) {
        matches_.keys.emplace_back("attribute", table_of(attributes_));
    }
    if (!tags_.empty()) {
        matches_.keys.emplace_back("tag", toml_of(tags_));
    }
    return std::move(matches_);
}

} // namespace

Matches matches_of(const UdevRule& rule) {
    return Translator(rule).finish();
}

} // namespace usb_hotplug::imports
