// SPDX-License-Identifier: LGPL-2.1-or-later

#include "learn/description.h"

#include "base/text.h"
#include "learn/escapes.h"

#include <algorithm>
#include <set>

namespace usb_hotplug {

namespace {

/// Devices in one description.
constexpr std::size_t devices_max = 4096;

/// "a", "a/b": leads to somewhere below the folder it is said of.
bool stays_below(std::string_view path) {
    if (path.empty() || path.front() == '/' || path.back() == '/') {
        return false;
    }
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        if (part.empty() || part == "." || part == "..") {
            return false;
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return true;
}

/// Reads a description line by line, up to the first mistake.
class Parser {
public:
    Parser(const std::string& file, std::string_view content)
        : file_(printable(file, 1024)), rest_(content) {}

    Result<Description> run();

private:
    [[nodiscard]] tl::unexpected<Error> mistake(const std::string& what) const {
        return fail(file_ + ":" + std::to_string(line_) + ": " + what);
    }
    Result<> parse_line(std::string_view line);
    Result<> begin_device(std::string_view path);
    Result<> end_device();
    Result<> add_node(std::string_view value);
    Result<> add_pair(char kind, std::string_view value);
    Result<> add_attribute(char kind, std::string_view name, std::string_view value);

    std::string file_;
    std::string_view rest_;
    std::size_t line_ = 0;
    bool inside_ = false; ///< between a "P:" line and the empty line that ends its device
    Description description_;
    std::set<std::string, std::less<>> paths_;
};

Result<Description> Parser::run() {
    if (rest_.size() > description_max) {
        return fail(file_ + ": larger than " + std::to_string(description_max) + " bytes");
    }
    while (!rest_.empty()) {
        ++line_;
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        if (auto parsed = line.empty() ? end_device() : parse_line(line); !parsed) {
            return forward(parsed);
        }
    }
    if (auto ended = end_device(); !ended) {
        return forward(ended);
    }
    if (description_.empty()) {
        return fail(file_ + ": no device is described here; 'usb-hotplugctl explain --record' and "
                            "umockdev-record write such files");
    }
    return std::move(description_);
}

Result<> Parser::parse_line(std::string_view line) {
    if (!is_plain_text(line)) {
        return mistake("has a control character, or is not UTF-8");
    }
    if (line.size() < 4 || line.substr(1, 2) != ": ") {
        return mistake("not a line of a device, such as \"E: KEY=value\"");
    }
    const char kind = line[0];
    const std::string_view value = line.substr(3);
    if (kind == 'P') {
        return begin_device(value);
    }
    if (!inside_) {
        return mistake("a device begins with \"P: /devices/...\"");
    }
    switch (kind) {
    case 'N':
        return add_node(value);
    case 'S':
        return stays_below(value) ? Result<>() : mistake("not a name below /dev");
    case 'E':
    case 'A':
    case 'H':
    case 'L':
        return add_pair(kind, value);
    default:
        return mistake("no line begins with \"" + printable(line.substr(0, 2)) + "\"");
    }
}

Result<> Parser::begin_device(std::string_view path) {
    if (inside_) {
        return mistake("an empty line must come before the next device");
    }
    if (!path.starts_with("/devices/") || !stays_below(path.substr(1)) || path.size() > 4096) {
        return mistake("a device's path begins with /devices/ and has no \"..\"");
    }
    if (!paths_.emplace(path).second) {
        return mistake("this device was described before");
    }
    if (description_.size() == devices_max) {
        return mistake("more than " + std::to_string(devices_max) + " devices");
    }
    inside_ = true;
    description_.emplace_back().path = path;
    return {};
}

Result<> Parser::end_device() {
    if (inside_ && !description_.back().properties.contains("SUBSYSTEM")) {
        return mistake("the device that ends here has no \"E: SUBSYSTEM=\"");
    }
    inside_ = false;
    return {};
}

Result<> Parser::add_node(std::string_view value) {
    const std::size_t equals = std::min(value.find('='), value.size());
    std::string& node = description_.back().node;
    if (!node.empty()) {
        return mistake("this device has a node already");
    }
    if (!stays_below(value.substr(0, equals))) {
        return mistake("not a name below /dev");
    }
    // The node's content is for programs that open it.
    if (equals < value.size() && !from_hex(value.substr(equals + 1))) {
        return mistake("after \"=\" must be pairs of hexadecimal digits");
    }
    node = value.substr(0, equals);
    return {};
}

Result<> Parser::add_pair(char kind, std::string_view value) {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return mistake("must be NAME=VALUE");
    }
    const std::string_view name = value.substr(0, equals);
    value.remove_prefix(equals + 1);
    DescribedDevice& device = description_.back();
    bool added = false;
    if (kind == 'E') {
        if (name == "DEVPATH" && value != device.path) {
            return mistake("DEVPATH is not what the \"P:\" line says");
        }
        added = device.properties.emplace(name, value).second;
    } else if (!stays_below(name)) {
        return mistake("not a name below the device's folder");
    } else if (device.attributes.contains(name) || device.links.contains(name)) {
        added = false;
    } else if (kind == 'L') {
        added = device.links.emplace(name, value).second;
    } else {
        return add_attribute(kind, name, value);
    }
    return added ? Result<>() : mistake("this device has " + printable(name, 64) + " already");
}

Result<> Parser::add_attribute(char kind, std::string_view name, std::string_view value) {
    auto content = kind == 'A' ? c_unescape(value) : from_hex(value);
    if (!content) {
        return mistake(kind == 'A'
                           ? "has an unknown escape; there are \\b \\f \\n \\r \\t \\v \\\\ "
                             "\\\" and \\001 to \\377"
                           : "must be pairs of hexadecimal digits");
    }
    description_.back().attributes.emplace(name, std::move(*content));
    return {};
}

void write_device(const DescribedDevice& device, std::string& out,
                  std::vector<std::string>& left_out) {
    const auto add = [&](char kind, const std::string& name, const std::string& value) {
        const bool fits = is_plain_text(value) && is_plain_text(name) && !name.empty() &&
                          name.find('=') == std::string::npos && (kind == 'E' || stays_below(name));
        if (fits) {
            out += {kind, ':', ' '};
            out.append(name).append("=").append(value).append("\n");
        } else {
            left_out.push_back(printable(name, 64) + " of " + printable(device.path));
        }
    };
    out += "P: " + device.path + "\n";
    out += device.node.empty() ? "" : "N: " + device.node + "\n";
    for (const auto& [name, value] : device.properties) {
        add('E', name, value);
    }
    for (const auto& [name, content] : device.attributes) {
        const bool text = content.find('\0') == std::string::npos && to_utf8(content) == content;
        add(text ? 'A' : 'H', name, text ? c_escape(content) : to_hex(content));
    }
    for (const auto& [name, target] : device.links) {
        add('L', name, target);
    }
    out += "\n";
}

} // namespace

std::string write_description(const Description& description, std::vector<std::string>* left_out) {
    std::string out;
    std::vector<std::string> ignored;
    for (const DescribedDevice& device : description) {
        write_device(device, out, left_out == nullptr ? ignored : *left_out);
    }
    return out;
}

Result<Description> parse_description(const std::string& file, std::string_view content) {
    return Parser(file, content).run();
}

} // namespace usb_hotplug
