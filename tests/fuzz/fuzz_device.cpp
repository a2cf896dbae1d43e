// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Any device against a configuration that has every key. The input is lines of "NAME=value": udev
// properties, but for "attr:NAME" (a sysfs attribute), "driver" and "peer". A value can have any
// byte as "\xNN".

#include "base/text.h"
#include "fuzz.h"
#include "model/config.h"
#include "model/match.h"

#include <map>

using namespace usb_hotplug;

namespace {

// One rule a key, so that none hides behind another.
constexpr std::string_view rules = R"(
[[usb]]
id = ["05c6:1000", "12d1:*", "*:c52b"]
[[usb]]
port = ["1-4.*", "2-3", "10-1.2.3.4"]
[[usb]]
bus = [2, 3]
[[usb]]
serial = ["4C*", "[[:digit:]]?x", { regex = '[0-9a-f]{4,}(-\w+)*' }]
[[usb]]
vendor = { regex = '(logi|acme)+.*' }
[[usb]]
product = ["*ethernet*", '\[*\]', { regex = '.*(\pL\d|\x{ff}|[^\x00-\x7f]+)\s.*' }]
[[usb]]
interface = { class = "hid", protocol = "mouse" }
[[usb]]
interface = { any = [{ class = 8 }, { class = 14 }], none = [{ class = 3 }] }
[[usb]]
interface = { all = [{ class = 1 }, { subclass = 2 }], only = [{ class = 1 }, { class = 3 }] }
[[usb]]
device = { class = 0, subclass = 0, protocol = 0 }
[[usb]]
removable = true
[[usb]]
removable = false
[[usb]]
speed = [1.5, "high", "super-plus"]
[[usb]]
driver = ["usb*", { regex = "snd-.*" }]
[[usb]]
tag = ["seat*", { regex = "desk|door" }]
[[usb]]
property = { ID_PATH = "pci-*", ID_BUS = { regex = "(u|s|b)*" } }
[[usb]]
attribute = { bcdDevice = ["01*", { regex = "0[1-9]{3}" }] }
[[usb]]
id = "046d:*"
vendor = "*"
serial = { regex = ".*" }
[[except]]
product = { regex = '(a+)+b' }
[[except]]
all = true
enabled = false
)";

Configuration configuration_with_every_key() {
    Configuration configuration;
    parse_guest("win10", "every-key.toml", rules, configuration);
    fuzz::check(configuration.errors.empty(), configuration.errors_of("win10").c_str());
    return configuration;
}

struct Input {
    Properties properties{
        {"SUBSYSTEM", "usb"}, {"DEVTYPE", "usb_device"}, {"DEVPATH", "/devices/usb1/1-4/1-4.2"},
        {"BUSNUM", "001"},    {"DEVNUM", "005"},         {"PRODUCT", "46d/c52b/1211"}};
    std::map<std::string, std::string> attributes;
    std::vector<std::string> drivers;
    std::string peer;
};

Input read_input(std::string_view text) {
    Input input;
    for (const std::string_view field : split(text, '\n')) {
        const std::size_t equals = std::min(field.find('='), field.size());
        const std::string name(field.substr(0, equals));
        const std::string value = decode_udev(field.substr(std::min(equals + 1, field.size())));
        if (name.starts_with("attr:")) {
            input.attributes[name.substr(5)] = value;
        } else if (name == "driver") {
            input.drivers.push_back(value);
        } else if (name == "peer") {
            input.peer = value;
        } else {
            input.properties.insert_or_assign(name, value);
        }
    }
    return input;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Configuration configuration = configuration_with_every_key();
    Input input = read_input({reinterpret_cast<const char*>(data), size});
    auto device =
        describe(std::move(input.properties),
                 [attributes = std::move(input.attributes)](
                     const std::string& name) -> std::optional<std::string> {
                     const auto found = attributes.find(name);
                     return found == attributes.end() ? std::nullopt : std::optional(found->second);
                 });
    if (!device) {
        fuzz::check(!device.error().message.empty(), "an error has words");
        return 0;
    }
    device->drivers = std::move(input.drivers);
    device->peer = std::move(input.peer);
    fuzz::check_decision(configuration.guests, *device);
    return 0;
}
