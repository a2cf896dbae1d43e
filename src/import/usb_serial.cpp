// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A usb-serial list, http://iveze.nl/wiki/index.php/Linux/Virtualization/Usb. Each line says what
// becomes of a device:
//
//   usb-051d:0002 guest    the USB device goes to the guest
//   SERIAL guest vdb       the disk goes to the guest, as its disk vdb
//   SERIAL name            the host mounts the disk

#include "base/text.h"
#include "import/draft.h"

#include <map>

namespace usb_hotplug::imports {

namespace {

constexpr std::string_view usb_prefix = "usb-";

bool is_usb(std::string_view word) {
    return word.starts_with(usb_prefix) && word.size() == 13 && word[8] == ':' &&
           is_id_half(word.substr(4, 4)) && is_id_half(word.substr(9));
}

/// Reads one line of the list after the other.
class List {
public:
    List(const Source& source, Drafts& drafts) : source_(source), drafts_(drafts) {}

    /// `offset` is where the line begins.
    Result<> line(std::string_view line, std::size_t offset);

private:
    void usb(const std::string& id, const std::string& guest);

    const Source& source_;
    Drafts& drafts_;
    std::size_t number_ = 0;
    std::map<std::string, std::size_t> seen_; ///< id and the line it was on
};

/// The script takes the first line that it finds.
void List::usb(const std::string& id, const std::string& guest) {
    Draft& draft = drafts_.of(guest);
    const auto [first, added] = seen_.try_emplace(id, number_);
    if (!added) {
        draft.lost("line " + std::to_string(number_) + " about " + id + ": line " +
                   std::to_string(first->second) + " comes first.");
        return;
    }
    NewRule rule;
    rule.add("id", toml_string(id));
    draft.rule(rule);
}

Result<> List::line(std::string_view line, std::size_t offset) {
    ++number_;
    const auto words = words_of(line);
    if (words.empty() || words[0][0] == '#') {
        return {};
    }
    const std::string where = "line " + std::to_string(number_) + ": ";
    const auto start = static_cast<std::size_t>(words[0].data() - line.data());
    const bool usb_line = words[0].starts_with(usb_prefix);
    if (usb_line && !is_usb(words[0])) {
        return mistake_at(source_, offset + start,
                          "after \"usb-\" must come vendor:product, four hexadecimal digits each, "
                          "as in \"usb-051d:0002\"; " +
                              toml_string(words[0].substr(0, 64)) + " is not");
    }
    if (usb_line && words.size() == 2) {
        usb(lower(words[0].substr(usb_prefix.size())), std::string(words[1]));
    } else if (!usb_line && words.size() == 3) {
        drafts_.of(std::string(words[1]))
            .lost(where + "the disk with the serial number " + toml_string(words[0]) + " as " +
                  toml_string(words[2]) +
                  ". This version hands over USB devices, not disks; as a USB device it would be "
                  "serial = " +
                  toml_string(literal_glob(words[0])) + ".");
    } else if (!usb_line && words.size() == 2) {
        drafts_.general().lost(where + "the disk with the serial number " + toml_string(words[0]) +
                               ", mounted by the host at " + toml_string(words[1]) +
                               ". This version mounts nothing.");
    } else {
        return mistake_at(source_, offset + start,
                          "a line must be \"usb-vendor:product GUEST\", \"SERIAL GUEST TARGET\" or "
                          "\"SERIAL NAME\"; this one has " +
                              std::to_string(words.size()) + " words");
    }
    return {};
}

} // namespace

Result<> read_usb_serial(const Source& source, Drafts& drafts) {
    List list(source, drafts);
    const std::string_view text = source.text;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        if (auto read = list.line(text.substr(start, end - start), start); !read) {
            return read;
        }
        start = end + 1;
    }
    return {};
}

} // namespace usb_hotplug::imports
