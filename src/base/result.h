// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Error doctrine of the whole code base.
//
// A function that can fail returns Result<T>. An Error is a failure nobody planned for: it travels
// unchanged to the program's main, which reports it once. What can be expected to happen ("the
// guest is off", "the device is gone") is not an Error but a value of the function's own type.
//
// std::expected needs C++23, which the oldest supported toolchain cannot offer; tl::expected is the
// same thing for C++20. Only the common subset is used, so the alias can change one day.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace usb_hotplug {

/// What went wrong, in words a user can act on: what happened, to what, and what to do.
struct Error {
    std::string message;
    int code = 0; ///< errno value where one is known, else 0
};

template <class T = void>
using Result = tl::expected<T, Error>;

/// Builds the failure value of any Result. `code` is a positive errno value or 0.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string message, int code = 0) {
    return tl::unexpected<Error>(Error{std::move(message), code});
}

/// Hands an error on to the caller; use it as `return forward(result)`.
template <class T>
[[nodiscard]] tl::unexpected<Error> forward(Result<T>& failed) {
    return tl::unexpected<Error>(std::move(failed.error()));
}
template <class T>
[[nodiscard]] tl::unexpected<Error> forward(const Result<T>& failed) {
    return tl::unexpected<Error>(failed.error());
}

} // namespace usb_hotplug
