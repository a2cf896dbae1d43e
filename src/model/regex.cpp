// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/regex.h"

#include "base/module.h"
#include "base/text.h"
#include "model/regex_module.h"
#include "paths.h"

#include <array>
#include <cerrno>
#include <map>

namespace usb_hotplug {

namespace {

/// A process that lives long and reads its configuration often compiles nothing twice. When so
/// many have come together most are of rules long edited, and all are forgotten.
constexpr std::size_t cache_max = 20000;

struct Functions {
    decltype(&usb_hotplug_regex_compile) compile = nullptr;
    decltype(&usb_hotplug_regex_matches) matches = nullptr;
    decltype(&usb_hotplug_regex_free) free = nullptr;
    std::string problem;
};

std::string& module_path() {
    static std::string path = USB_HOTPLUG_REGEX_MODULE;
    return path;
}

Functions load() {
    Functions functions;
    const auto module = Module::load(module_path());
    const bool complete = module &&
                          module->look_up("usb_hotplug_regex_compile", functions.compile) &&
                          module->look_up("usb_hotplug_regex_matches", functions.matches) &&
                          module->look_up("usb_hotplug_regex_free", functions.free);
    if (!complete) {
        functions.problem =
            "regular expressions cannot be used, install usb-hotplug again or write a glob: " +
            (module ? module_path() + " is of another version" : module.error().message);
    }
    return functions;
}

const Functions& module() {
    static const Functions loaded = load();
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
