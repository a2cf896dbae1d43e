// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Owners for the handles of C libraries: a handle becomes a unique_ptr or a UniqueFd in the line
// after its birth, and nobody calls an unref function by hand.

#pragma once

#include <memory>
#include <unistd.h>
#include <utility>

namespace usb_hotplug {

/// Stateless deleter that calls the C function `Function` on the pointer.
template <auto Function>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const noexcept {
        (void)Function(pointer);
    }
};

template <class T, auto Function>
using Handle = std::unique_ptr<T, Deleter<Function>>;

/// Owns a file descriptor; -1 means none.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) {
            reset(std::exchange(other.fd_, -1));
        }
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset(int fd = -1) {
        if (fd_ >= 0) {
            (void)::close(fd_);
        }
        fd_ = fd;
    }

private:
    int fd_ = -1;
};

} // namespace usb_hotplug
