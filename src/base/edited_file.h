// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Changing a file that people edit, too: what is replaced is what was read, whoever else is at it.

#pragma once

#include "base/handles.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <sys/stat.h>

namespace usb_hotplug {

/// A file, read to be replaced. As long as the object lives, its folder is locked (flock(2))
/// against other programs that use this class.
class EditedFile {
public:
    /// Reads a file of at most `max` bytes; makes missing folders (mode 0755). That there is no
    /// file is no error, see exists(). An error for a symbolic link and anything else that is no
    /// regular file: replacing it would not change what it leads to; and for a folder that cannot
    /// be written. Opens the folder once, so that nobody can put a link in place of the file in
    /// between.
    static Result<EditedFile> open(const std::string& path, std::size_t max);

    [[nodiscard]] bool exists() const { return exists_; }
    [[nodiscard]] const std::string& content() const { return content_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    /// Replaces the file, of the same mode and owner, or makes it with mode 0644. The new content
    /// is on disk whole, or the old one is. An error when the file was changed, made or removed
    /// since it was read.
    Result<> replace(std::string_view content);

private:
    EditedFile() = default;
    Result<> read(std::size_t max);
    [[nodiscard]] bool unchanged() const;
    [[nodiscard]] Result<> fill(int fd, std::string_view content) const;
    [[nodiscard]] Result<> put_in_place(const std::string& temporary) const;

    std::string path_;
    std::string name_; ///< in the folder
    UniqueFd folder_;
    bool exists_ = false;
    std::string content_;
    struct stat seen_ = {}; ///< of the file that was read
};

} // namespace usb_hotplug
