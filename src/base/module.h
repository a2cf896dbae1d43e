// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parts of the product that are loaded when they are needed, because they bring large libraries
// along. A module is never unloaded: what it made can live until the end of the process.

#pragma once

#include "base/result.h"

#include <dlfcn.h>
#include <string>

namespace usb_hotplug {

class Module {
public:
    /// Loads an installed module by its path, below $USB_HOTPLUG_ROOT if it is there, too.
    static Result<Module> load(const std::string& path);

    /// Looks a function up; false when there is none, as in a module of another version.
    template <class Function>
    [[nodiscard]] bool look_up(const char* name, Function& function) const {
        function = reinterpret_cast<Function>(dlsym(library_, name));
        return function != nullptr;
    }

private:
    explicit Module(void* library) : library_(library) {}
    void* library_;
};

} // namespace usb_hotplug
