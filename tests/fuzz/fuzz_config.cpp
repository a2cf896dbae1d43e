// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Any text as a guest's file. It is either in order, and gives a guest that decisions can be made
// with, or it has mistakes, each said in one harmless line with its place.

#include "base/text.h"
#include "fuzz.h"
#include "model/config.h"
#include "model/match.h"

using namespace usb_hotplug;

namespace {

Device some_device() {
    auto device =
        describe({{"SUBSYSTEM", "usb"},
                  {"DEVTYPE", "usb_device"},
                  {"DEVPATH", "/devices/usb1/1-4/1-4.2"},
                  {"BUSNUM", "001"},
                  {"DEVNUM", "005"},
                  {"PRODUCT", "46d/c52b/1211"},
                  {"ID_VENDOR_ENC", "Logitech"},
                  {"ID_MODEL_ENC", "USB\\x20Receiver"},
                  {"ID_USB_INTERFACES", ":030101:080650:"}},
                 [](const std::string& name) { return std::optional<std::string>(name); });
    fuzz::check(device.has_value(), "the device can be described");
    return std::move(*device);
}

void check_error(const ConfigError& error, std::size_t lines) {
    fuzz::check(error.line <= lines, "a mistake is in a line of the file");
    fuzz::check(!error.message.empty(), "a mistake has words");
    for (const char c : error.text()) {
        fuzz::check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f,
                    "no control characters are printed");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Device device = some_device();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Configuration configuration;
    parse_guest("win10", "fuzz.toml", text, configuration);
    fuzz::check(configuration.guests.empty() != configuration.errors.empty(),
                "a file gives a guest or has mistakes");
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const ConfigError& error : configuration.errors) {
        check_error(error, lines);
    }
    fuzz::check_decision(configuration.guests, device);
    return 0;
}
