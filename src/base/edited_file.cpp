// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/edited_file.h"

#include "base/file.h"
#include "base/text.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/random.h>

namespace usb_hotplug {

namespace {

constexpr mode_t permissions = 07777;

tl::unexpected<Error> fail_errno(const std::string& what, const std::string& path) {
    const int code = errno;
    return fail(what + " " + printable(path, 1024) + ": " + std::strerror(code), code);
}

Result<UniqueFd> lock_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return fail("Cannot make the folder " + printable(folder, 1024) + ": " + error.message(),
                    error.value());
    }
    UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        return fail_errno("Cannot open", folder);
    }
    // Said now, and not when there is something to write.
    if (faccessat(fd.get(), ".", W_OK | X_OK, AT_EACCESS) < 0) {
        return fail_errno("Cannot write in", folder);
    }
    if (flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
        return errno == EWOULDBLOCK ? fail("Another program is changing files in " +
                                               printable(folder, 1024) + "; try again",
                                           EWOULDBLOCK)
                                    : fail_errno("Cannot lock", folder);
    }
    return fd;
}

/// ".win10.toml.5f0c2d9a": hidden, and of no extension that anybody looks for.
std::string temporary_name(const std::string& name) {
    std::uint32_t random = 0;
    (void)getrandom(&random, sizeof(random), 0);
    return "." + name + "." + hex(random, 8);
}

} // namespace

Result<EditedFile> EditedFile::open(const std::string& path, std::size_t max) {
    EditedFile file;
    file.path_ = path;
    file.name_ = std::filesystem::path(path).filename();
    const std::string parent = std::filesystem::path(path).parent_path();
    auto folder = lock_folder(parent.empty() ? "." : parent);
    if (!folder) {
        return forward(folder);
    }
    file.folder_ = std::move(*folder);
    auto read = file.read(max);
    return read ? Result<EditedFile>(std::move(file)) : forward(read);
}

Result<> EditedFile::read(std::size_t max) {
    // O_NONBLOCK: no wait for the other end of a FIFO.
    const UniqueFd fd(openat(folder_.get(), name_.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && errno == ENOENT) {
        return {};
    }
    if (!fd && errno == ELOOP) {
        return fail(printable(path_, 1024) + " is a symbolic link; change the file that it leads "
                                             "to, or put a file in its place",
                    ELOOP);
    }
    if (!fd || fstat(fd.get(), &seen_) < 0) {
        return fail_errno("Cannot open", path_);
    }
    if (!S_ISREG(seen_.st_mode)) {
        return fail(printable(path_, 1024) + " is no regular file", EINVAL);
    }
    auto content = read_all(fd.get(), path_, max);
    if (!content) {
        return forward(content);
    }
    content_ = std::move(*content);
    exists_ = true;
    return {};
}

bool EditedFile::unchanged() const {
    struct stat now = {};
    if (fstatat(folder_.get(), name_.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT && !exists_;
    }
    return exists_ && now.st_dev == seen_.st_dev && now.st_ino == seen_.st_ino &&
           now.st_size == seen_.st_size && now.st_mtim.tv_sec == seen_.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec;
}

Result<> EditedFile::fill(int fd, std::string_view content) const {
    // The owner first: chown() takes set-id bits away.
    if (exists_ && (fchown(fd, seen_.st_uid, seen_.st_gid) < 0 ||
                    fchmod(fd, seen_.st_mode & permissions) < 0)) {
        return fail_errno("Cannot keep the owner and mode of", path_);
    }
    if (!exists_ && fchmod(fd, 0644) < 0) {
        return fail_errno("Cannot set the mode of", path_);
    }
    auto written = write_all(fd, content, path_);
    if (written && fsync(fd) < 0) {
        written = fail_errno("Cannot write", path_);
    }
    return written;
}

Result<> EditedFile::put_in_place(const std::string& temporary) const {
    if (!unchanged()) {
        return fail(printable(path_, 1024) + " was changed by another program meanwhile; try again",
                    EBUSY);
    }
    // A new file never takes the place of one that was made meanwhile. An old one could still be
    // changed between the look and the rename, by a program that does not lock; that is as with
    // any two editors.
    const unsigned flags = exists_ ? 0 : RENAME_NOREPLACE;
    if (renameat2(folder_.get(), temporary.c_str(), folder_.get(), name_.c_str(), flags) < 0) {
        return fail_errno("Cannot replace", path_);
    }
    if (fsync(folder_.get()) < 0) {
        return fail_errno("Cannot write the folder of", path_);
    }
    return {};
}

Result<> EditedFile::replace(std::string_view content) {
    const std::string temporary = temporary_name(name_);
    UniqueFd fd(openat(folder_.get(), temporary.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) {
        return fail_errno("Cannot write in the folder of", path_);
    }
    auto done = fill(fd.get(), content);
    fd.reset();
    if (done) {
        done = put_in_place(temporary);
    }
    if (!done) {
        (void)unlinkat(folder_.get(), temporary.c_str(), 0);
    }
    return done;
}

} // namespace usb_hotplug
