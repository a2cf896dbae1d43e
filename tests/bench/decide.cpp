// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The decision function by itself, for growth.py, which takes its times, and for instructions.py,
// which has callgrind count in the measure_ functions.
//
//     bench-decide FOLDER DEVICES ROUNDS
//
// Reads the configuration files in FOLDER, makes up so many plugged devices, the first of them a
// Logitech mouse, asks who wants each and which of them are twins, and says how many nanoseconds
// the fastest of ROUNDS took. Files are read once.

#include "base/text.h"
#include "model/config.h"
#include "model/match.h"
#include "model/twins.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>

using namespace usb_hotplug;

namespace {

constexpr std::uint32_t devices_max = 126; // on one bus
constexpr std::uint32_t rounds_max = 100000;
constexpr std::uint32_t mouse = 0xc077;

std::string hex(std::uint32_t number) {
    std::array<char, 16> text = {};
    (void)std::snprintf(text.data(), text.size(), "%x", number);
    return text.data();
}

/// As udev describes it. Every one is of another kind.
Device plugged(std::uint32_t number) {
    const std::string port = "1-4." + std::to_string(number);
    Properties properties = {{"SUBSYSTEM", "usb"},
                             {"DEVTYPE", "usb_device"},
                             {"BUSNUM", "001"},
                             {"DEVNUM", std::to_string(number + 1)},
                             {"DEVPATH", "/devices/pci0/usb1/1-4/" + port},
                             {"PRODUCT", "46d/" + hex(mouse + number - 1) + "/7200"},
                             {"TYPE", "0/0/0"},
                             {"ID_USB_INTERFACES", ":030102:"},
                             {"ID_VENDOR_ENC", "Logitech"},
                             {"ID_MODEL_ENC", "USB\\x20Optical\\x20Mouse"},
                             {"ID_SERIAL_SHORT", "4C53" + std::to_string(number)},
                             {"TAGS", ":systemd:"},
                             {"ID_PATH", "pci-0-usb-0:4." + std::to_string(number)}};
    auto device = describe(std::move(properties), [](const std::string&) { return std::nullopt; });
    return device.value();
}

/// The time of the fastest round.
template <typename Measured>
void print_fastest(const char* what, std::uint32_t rounds, Measured measured) {
    auto fastest = std::numeric_limits<std::int64_t>::max();
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        measured();
        const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
        fastest = std::min<std::int64_t>(fastest, took.count());
    }
    std::printf("%s %lld\n", what, static_cast<long long>(fastest));
}

} // namespace

// By these names callgrind knows them.
extern "C" {

[[gnu::noinline]] void measure_load(const std::string& folder, Configuration& configuration) {
    configuration = load_configuration({folder});
}

[[gnu::noinline]] void measure_decide(const std::vector<Guest>& guests,
                                      const std::vector<Device>& devices, std::size_t& wanted) {
    wanted = static_cast<std::size_t>(
        std::count_if(devices.begin(), devices.end(),
                      [&](const Device& device) { return decide(device, guests).wanted(); }));
}

[[gnu::noinline]] void measure_twins(const std::vector<Guest>& guests,
                                     const std::vector<Device>& devices, std::size_t& twins) {
    twins = find_twins(guests, devices).size();
}
}

int main(int argc, char** argv) {
    const auto count = argc == 4 ? parse_number(argv[2], 10, devices_max) : std::nullopt;
    const auto rounds = argc == 4 ? parse_number(argv[3], 10, rounds_max) : std::nullopt;
    if (!count || !rounds || *rounds == 0) {
        std::fputs("bench-decide FOLDER DEVICES ROUNDS\n", stderr);
        return 2;
    }
    Configuration configuration;
    measure_load(argv[1], configuration);
    for (const ConfigError& error : configuration.errors) {
        std::fprintf(stderr, "%s\n", error.text().c_str());
        return 1;
    }
    std::vector<Device> devices;
    for (std::uint32_t number = 1; number <= *count; ++number) {
        devices.push_back(plugged(number));
    }
    std::size_t wanted = 0;
    std::size_t twins = 0;
    print_fastest("decide", *rounds,
                  [&] { measure_decide(configuration.guests, devices, wanted); });
    print_fastest("twins", *rounds, [&] { measure_twins(configuration.guests, devices, twins); });
    // No rule but one for the mouse holds, and no serial number is there twice.
    return wanted <= 1 && twins == 0 ? 0 : 1;
}
