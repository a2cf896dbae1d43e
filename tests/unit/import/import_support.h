// SPDX-License-Identifier: LGPL-2.1-or-later
//
// For the tests of imports: what a text becomes, and which guest then gets a device.

#pragma once

#include "import/import.h"
#include "model/config.h"
#include "model/match.h"

#include <doctest/doctest.h>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace usb_hotplug::imports::test {

inline Imported imported(std::string_view text, std::optional<Format> format = std::nullopt) {
    auto result = import_sources({{"file", std::string(text)}}, format);
    if (!result) {
        throw std::runtime_error(result.error().message);
    }
    return std::move(*result);
}

/// The message about a broken text; empty when it is in order.
inline std::string said_of(std::string_view text, std::optional<Format> format = std::nullopt) {
    const auto result = import_sources({{"file", std::string(text)}}, format);
    return result ? "" : result.error().message;
}

/// The guests, read from the files as the programs read them.
inline std::vector<Guest> guests_of(const Imported& imported) {
    Configuration configuration;
    for (const GuestFile& file : imported.files) {
        parse_guest(file.guest, file.guest + ".toml", file.toml, configuration);
    }
    if (!configuration.errors.empty()) {
        throw std::runtime_error(configuration.errors.front().text());
    }
    return configuration.guests;
}

/// Which guest gets the device when all are running; empty when none does.
inline std::string gets(const std::vector<Guest>& guests, const Device& device) {
    const Decision decision = decide(device, guests);
    const Choice choice = choose(decision, [](const Guest&) { return Availability::Ready; });
    return choice.guest == nullptr ? "" : choice.guest->name;
}

/// The receiver for mouse and keyboard at port 1-4.2 with some properties different; an empty value
/// takes one away.
inline Device device(const Properties& changes = {}, const Properties& attributes = {}) {
    Properties properties = {
        {"SUBSYSTEM", "usb"},
        {"DEVTYPE", "usb_device"},
        {"DEVPATH", "/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2"},
        {"BUSNUM", "001"},
        {"DEVNUM", "005"},
        {"PRODUCT", "46d/c52b/1211"},
        {"TYPE", "0/0/0"},
        {"ID_VENDOR_ID", "046d"},
        {"ID_MODEL_ID", "c52b"},
        {"ID_VENDOR", "Logitech"},
        {"ID_MODEL", "USB_Receiver"},
        {"ID_USB_INTERFACES", ":030101:030102:030000:"},
    };
    for (const auto& [key, value] : changes) {
        properties.erase(key);
        if (!value.empty()) {
            properties.emplace(key, value);
        }
    }
    auto described =
        describe(properties, [attributes](const std::string& name) -> std::optional<std::string> {
            const auto found = attributes.find(name);
            return found == attributes.end() ? std::nullopt : std::optional(found->second);
        });
    if (!described) {
        throw std::runtime_error(described.error().message);
    }
    return std::move(*described);
}

/// A device of these numbers, as udev and the kernel say them.
inline Device device_of(const std::string& vendor, const std::string& product) {
    return device({{"PRODUCT", vendor + "/" + product + "/100"},
                   {"ID_VENDOR_ID", vendor},
                   {"ID_MODEL_ID", product},
                   {"ID_USB_INTERFACES", ":ffffff:"}},
                  {{"idVendor", vendor}, {"idProduct", product}});
}

struct Row {
    std::string_view what;
    Device device;
    std::string_view guest; ///< who gets it from the original tool; empty for nobody
};

/// The imported text decides about each device as the original does.
inline void check_decisions(const Imported& imported, std::initializer_list<Row> table) {
    const auto guests = guests_of(imported);
    for (const Row& row : table) {
        CAPTURE(row.what);
        CHECK(gets(guests, row.device) == row.guest);
    }
}

struct BrokenText {
    std::string_view what;
    std::string_view text;
    std::string_view said;
};

inline void check_messages(Format format, std::initializer_list<BrokenText> table) {
    for (const BrokenText& broken : table) {
        CAPTURE(broken.what);
        CHECK(said_of(broken.text, format) == broken.said);
    }
}

/// The TOML of the only guest.
inline std::string toml_of(std::string_view text, std::optional<Format> format = std::nullopt) {
    const Imported result = imported(text, format);
    REQUIRE(result.files.size() == 1);
    return result.files[0].toml;
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace usb_hotplug::imports::test
