// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Configuration files in the making. All that the formats write goes through here, so this is where
// hostile text is made harmless.

#pragma once

#include "base/result.h"
#include "import/import.h"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usb_hotplug::imports {

/// A string as TOML: in single quotes where it has backslashes, else in double ones.
std::string toml_string(std::string_view text);

/// One value, or a list of several; each is TOML already.
std::string one_or_list(const std::vector<std::string>& values);

/// The glob that fits this text and no other.
std::string literal_glob(std::string_view text);

/// Four hexadecimal digits, as both halves of an id have.
bool is_id_half(std::string_view text);

/// The words of a line, between blanks and tabs.
std::vector<std::string_view> words_of(std::string_view line);

/// Keys of a rule and their values, which are TOML.
using Keys = std::vector<std::pair<std::string, std::string>>;

/// A rule to be written.
struct NewRule {
    bool except = false;
    bool enabled = true;
    std::string description;
    Keys keys;

    void add(std::string key, std::string value) {
        keys.emplace_back(std::move(key), std::move(value));
    }
};

/// One guest's file, written from top to bottom.
class Draft {
public:
    /// An empty line between what was before and what follows.
    void blank() {
        if (!body_.empty() && !body_.ends_with("\n\n")) {
            body_ += '\n';
        }
    }
    void comment(std::string_view text) { body_ += comment_lines(text); }
    /// Something that this version cannot do, or that cannot be said in its configuration.
    void lost(const std::string& what) { note("Not carried over: " + what); }
    /// Something that is carried over, and decides otherwise in some cases.
    void differs(const std::string& what) { note("Differs: " + what); }
    void rule(const NewRule& rule);
    /// All that the other has.
    void append(const Draft& other);

    [[nodiscard]] const std::string& body() const { return body_; }
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    void note(const std::string& what);

    std::string body_;
    std::vector<std::string> notes_;
};

/// All files in the making.
class Drafts {
public:
    /// The file of a guest, by its name at the hypervisor; made when first asked for.
    Draft& of(const std::string& domain);
    /// The file of a guest that has one, else `general`.
    Draft& of_known(const std::string& domain);
    [[nodiscard]] bool knows(const std::string& domain) const { return index_.contains(domain); }
    /// What concerns no guest.
    Draft& general() { return general_; }

    /// Of a device that several guests want, the guest that appears first gets it.
    void first_wins() { first_wins_ = true; }

    /// The files, each beginning with `origin` as a comment.
    [[nodiscard]] Imported finish(const std::string& origin) const;

private:
    struct Entry {
        std::string domain;
        Draft draft;
    };

    [[nodiscard]] std::vector<std::string> guest_names() const;
    [[nodiscard]] std::string guest_table(std::size_t i, const std::string& guest) const;

    std::deque<Entry> entries_; ///< references into it must last
    std::map<std::string, std::size_t> index_;
    Draft general_;
    bool first_wins_ = false;
};

/// "file:line:column: message", counting from 1, for the byte at `offset`.
tl::unexpected<Error> mistake_at(const Source& source, std::size_t offset,
                                 const std::string& message);

// One reader for each format. All add to `drafts`.
Result<> read_vhotplug(const Source& source, Drafts& drafts);
Result<> read_libvirt_usb_hotplug(const Source& source, Drafts& drafts);
Result<> read_usb_serial(const Source& source, Drafts& drafts);
Result<> read_udev(const Source& source, Drafts& drafts);

} // namespace usb_hotplug::imports
