// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Names for the numbers of USB classes, subclasses and protocols, as rules may say them. The
// numbers are those of https://www.usb.org/defined-class-codes.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace usb_hotplug {

enum class ClassPart { Class, Subclass, Protocol };

/// What is known of the triple when a part of it is looked up. A subclass has a name only within
/// its class, and a protocol only within its class, and in some within its subclass.
struct ClassContext {
    std::optional<std::uint8_t> base;
    std::optional<std::uint8_t> subclass;
};

/// The number with this name: "hid" is class 3, and there "mouse" is protocol 2.
std::optional<std::uint8_t> class_number(ClassPart part, const ClassContext& context,
                                         std::string_view name);

/// All names that this part can have there, for suggestions.
std::vector<std::string_view> class_names(ClassPart part, const ClassContext& context);

} // namespace usb_hotplug
