// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/file.h"

#include "base/handles.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>

namespace usb_hotplug {

namespace {

tl::unexpected<Error> fail_errno(const std::string& what, const std::string& path) {
    const int code = errno;
    return fail(what + " " + path + ": " + std::strerror(code), code);
}

constexpr std::size_t first_piece = 4096;

/// `flags` are those of renameat2(2), by which the finished file comes to its place.
Result<> put_file(const std::string& path, std::string_view content, unsigned int flags,
                  std::optional<mode_t> mode = std::nullopt) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    if (error) {
        return fail("Cannot make the folder of " + path + ": " + error.message(), error.value());
    }
    const std::string temporary = path + ".new";
    UniqueFd fd(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd) {
        return fail_errno("Cannot create", temporary);
    }
    // One that was left there has a mode of its own.
    auto written = mode && fchmod(fd.get(), *mode) < 0
                       ? Result<>(fail_errno("Cannot set the mode of", temporary))
                       : write_all(fd.get(), content, temporary);
    fd.reset();
    if (written && renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), flags) < 0) {
        written = fail_errno("Cannot rename to", path);
    }
    if (!written) {
        (void)unlink(temporary.c_str());
    }
    return written;
}

} // namespace

Result<std::string> read_all(int fd, const std::string& path, std::size_t max) {
    // One byte more than allowed tells a file that is too large. Bounds are generous and files are
    // small: room is made as it is needed.
    std::string content(std::min(max + 1, first_piece), '\0');
    std::size_t size = 0;
    for (;;) {
        if (size == content.size()) {
            if (size > max) {
                break;
            }
            content.resize(std::min(max + 1, size * 4));
        }
        const ssize_t got = read(fd, content.data() + size, content.size() - size);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail_errno("Cannot read", path);
        }
        if (got == 0) {
            break;
        }
        size += static_cast<std::size_t>(got);
    }
    if (size > max) {
        return fail(path + " is larger than " + std::to_string(max) + " bytes", EFBIG);
    }
    content.resize(size);
    return content;
}

Result<> write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t written = write(fd, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail_errno("Cannot write", path);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_file(const std::string& path, std::size_t max) {
    // Not waiting for the other end of a pipe that stands where a file should.
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) {
        return fail_errno("Cannot open", path);
    }
    struct stat status = {};
    if (fstat(fd.get(), &status) < 0) {
        return fail_errno("Cannot look at", path);
    }
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) { // /dev/null is an empty file
        return fail(path + " is not a file", EINVAL);
    }
    return read_all(fd.get(), path, max);
}

Result<> write_file(const std::string& path, std::string_view content) {
    return put_file(path, content, 0);
}

Result<> write_file(const std::string& path, std::string_view content, mode_t mode) {
    return put_file(path, content, 0, mode);
}

Result<> create_file(const std::string& path, std::string_view content) {
    return put_file(path, content, RENAME_NOREPLACE);
}

Result<> write_sysfs(const std::string& path, std::string_view content) {
    const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) {
        return fail_errno("Cannot open", path);
    }
    return write_all(fd.get(), content, path);
}

Result<> remove_file(const std::string& path) {
    if (unlink(path.c_str()) < 0 && errno != ENOENT) {
        return fail_errno("Cannot remove", path);
    }
    return {};
}

} // namespace usb_hotplug
