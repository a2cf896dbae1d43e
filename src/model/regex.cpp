// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/regex.h"

#include "base/text.h"
#include "model/regex_module.h"
#include "paths.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <unistd.h>

namespace usb_hotplug {

namespace {

/// A process that lives long and reads its configuration often compiles nothing twice. When so
/// many have come together most are of rules long edited, and all are forgotten.
constexpr std::size_t cache_max = 20000;

struct Module {
    decltype(&usb_hotplug_regex_compile) compile = nullptr;
    decltype(&usb_hotplug_regex_matches) matches = nullptr;
    decltype(&usb_hotplug_regex_free) free = nullptr;
    std::string problem;
};

/// Below $USB_HOTPLUG_ROOT if there is one, else the installed one.
std::string find_module() {
    const char* root = std::getenv("USB_HOTPLUG_ROOT");
    const std::string below = std::string(root == nullptr ? "" : root) + USB_HOTPLUG_REGEX_MODULE;
    return access(below.c_str(), R_OK) == 0 ? below : USB_HOTPLUG_REGEX_MODULE;
}

std::string& module_path() {
    static std::string path = find_module();
    return path;
}

template <class Function>
void look_up(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
}

Module load() {
    Module module;
    // Never closed: compiled expressions can live until the end of the process.
    void* library = dlopen(module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) {
        look_up(library, "usb_hotplug_regex_compile", module.compile);
        look_up(library, "usb_hotplug_regex_matches", module.matches);
        look_up(library, "usb_hotplug_regex_free", module.free);
    }
    if (module.compile == nullptr || module.matches == nullptr || module.free == nullptr) {
        const char* why = dlerror();
        module.problem = "regular expressions cannot be used, install usb-hotplug again or write a "
                         "glob: " +
                         printable(why == nullptr ? module_path() : why, 300);
    }
    return module;
}

const Module& module() {
    static const Module loaded = load();
    return loaded;
}

Result<Regex> compile(const std::string& pattern) {
    if (!module().problem.empty()) {
        return fail(module().problem, ELIBACC);
    }
    std::array<char, 256> error = {};
    usb_hotplug_regex* compiled =
        module().compile(pattern.data(), pattern.size(), error.data(), error.size());
    if (compiled == nullptr) {
        return fail("\"" + printable(pattern, 64) + "\" is not a regular expression: " +
                    printable(error.data()) + "; see https://github.com/google/re2/wiki/Syntax");
    }
    return Regex(std::shared_ptr<const usb_hotplug_regex>(
        compiled, [](usb_hotplug_regex* regex) { module().free(regex); }));
}

} // namespace

bool Regex::matches(std::string_view text) const {
    const std::string valid = to_utf8(text);
    return module().matches(compiled_.get(), valid.data(), valid.size());
}

Result<Regex> compile_regex(const std::string& pattern) {
    static std::map<std::string, Regex> cache;
    if (const auto known = cache.find(pattern); known != cache.end()) {
        return known->second;
    }
    auto compiled = compile(pattern);
    if (compiled) {
        if (cache.size() >= cache_max) {
            cache.clear();
        }
        cache.emplace(pattern, *compiled);
    }
    return compiled;
}

void use_regex_module(const std::string& path) {
    module_path() = path;
}

} // namespace usb_hotplug
