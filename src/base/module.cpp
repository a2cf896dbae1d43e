// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/module.h"

#include "base/text.h"

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

namespace usb_hotplug {

Result<Module> Module::load(const std::string& path) {
    const char* root = std::getenv("USB_HOTPLUG_ROOT");
    const std::string below = std::string(root == nullptr ? "" : root) + path;
    const std::string& found = access(below.c_str(), R_OK) == 0 ? below : path;
    void* library = dlopen(found.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* why = dlerror();
        return fail(printable(why == nullptr ? found : why, 300), ELIBACC);
    }
    return Module(library);
}

} // namespace usb_hotplug
