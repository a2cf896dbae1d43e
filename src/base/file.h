// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Files, bounded: no read is longer than asked for, and a written file is there whole or not at
// all.

#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace usb_hotplug {

/// The whole file. More than `max` bytes is an error (EFBIG); a missing file is ENOENT, and what
/// is no file, but a folder or a pipe, EINVAL.
Result<std::string> read_file(const std::string& path, std::size_t max);

/// The rest of an open file, likewise. `path` is for messages.
Result<std::string> read_all(int fd, const std::string& path, std::size_t max);

/// Writes all of `content` to an open file. `path` is for messages.
Result<> write_all(int fd, std::string_view content, const std::string& path);

/// Replaces `path` by `content` through a temporary file beside it, and makes missing folders
/// (mode 0755). File mode is 0644.
Result<> write_file(const std::string& path, std::string_view content);

/// The same with this mode, whatever the umask.
Result<> write_file(const std::string& path, std::string_view content, mode_t mode);

/// As without a mode, but a file that is there already stays as it is, and is an error (EEXIST).
Result<> create_file(const std::string& path, std::string_view content);

/// Writes `content` to an existing file in one go, as sysfs wants it.
Result<> write_sysfs(const std::string& path, std::string_view content);

/// Removes a file; a missing one is fine.
Result<> remove_file(const std::string& path);

} // namespace usb_hotplug
