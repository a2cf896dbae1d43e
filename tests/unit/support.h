// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What several unit tests need: a folder that goes away, an environment variable that is put back,
// and a program's output.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug::test {

/// A fresh folder under /tmp; it and what is in it are removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    [[nodiscard]] const std::string& path() const { return path_; }
    /// Path of something in it.
    [[nodiscard]] std::string operator/(std::string_view name) const;
    /// Makes a file, and the folders it is in.
    std::string write(std::string_view name, std::string_view content) const;
    /// Makes a folder.
    std::string folder(std::string_view name) const;
    /// Makes a symbolic link, and the folders it is in.
    void link(std::string_view name, const std::string& target) const;

private:
    std::string path_;
};

/// Sets an environment variable until the end of the scope.
class EnvironmentVariable {
public:
    EnvironmentVariable(std::string name, const std::string& value);
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
    ~EnvironmentVariable();

private:
    std::string name_;
    std::optional<std::string> before_;
};

/// What a program came to.
struct Ended {
    int status = -1; ///< exit status; -1 when a signal ended it
    std::string out;
    std::string err;
};

/// Runs a program to its end with exactly this environment ("NAME=value"). Throws when it cannot be
/// started.
Ended run_program(std::vector<std::string> command, std::vector<std::string> environment);

/// The names in a folder, sorted; none when it does not exist.
std::vector<std::string> names_in(const std::string& folder);

/// The whole file; throws when there is none.
std::string content_of(const std::string& file);

} // namespace usb_hotplug::test
