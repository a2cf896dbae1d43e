// SPDX-License-Identifier: LGPL-2.1-or-later

#include "model/class_names.h"

#include <algorithm>
#include <array>

namespace usb_hotplug {

namespace {

/// Where the number does not matter.
constexpr int any = -1;

struct ClassName {
    ClassPart part;
    int base;
    int subclass; ///< of a protocol, the one it belongs to; of a subclass or class, `any`
    std::uint8_t number;
    std::string_view name;
};

constexpr ClassName base(std::uint8_t number, std::string_view name) {
    return {ClassPart::Class, any, any, number, name};
}

constexpr ClassName sub(int base, std::uint8_t number, std::string_view name) {
    return {ClassPart::Subclass, base, any, number, name};
}

constexpr ClassName protocol(int base, int subclass, std::uint8_t number, std::string_view name) {
    return {ClassPart::Protocol, base, subclass, number, name};
}

constexpr auto names = std::to_array<ClassName>({
    base(0x00, "per-interface"),
    base(0x01, "audio"),
    base(0x02, "communications"),
    base(0x03, "hid"),
    base(0x05, "physical"),
    base(0x06, "image"),
    base(0x07, "printer"),
    base(0x08, "mass-storage"),
    base(0x09, "hub"),
    base(0x0a, "cdc-data"),
    base(0x0b, "smart-card"),
    base(0x0d, "content-security"),
    base(0x0e, "video"),
    base(0x0f, "personal-healthcare"),
    base(0x10, "audio-video"),
    base(0x11, "billboard"),
    base(0x12, "type-c-bridge"),
    base(0x13, "bulk-display"),
    base(0x14, "mctp"),
    base(0x3c, "i3c"),
    base(0x58, "xbox"),
    base(0xdc, "diagnostic"),
    base(0xe0, "wireless"),
    base(0xef, "miscellaneous"),
    base(0xfe, "application-specific"),
    base(0xff, "vendor-specific"),

    sub(0x01, 1, "control"),
    sub(0x01, 2, "streaming"),
    sub(0x01, 3, "midi"),
    sub(0x02, 1, "direct-line"),
    sub(0x02, 2, "modem"),
    sub(0x02, 3, "telephone"),
    sub(0x02, 4, "multi-channel"),
    sub(0x02, 5, "capi"),
    sub(0x02, 6, "ethernet"),
    sub(0x02, 7, "atm"),
    sub(0x02, 8, "wireless-handset"),
    sub(0x02, 9, "device-management"),
    sub(0x02, 10, "mobile-direct-line"),
    sub(0x02, 11, "obex"),
    sub(0x02, 12, "ethernet-emulation"),
    sub(0x02, 13, "ncm"),
    sub(0x02, 14, "mbim"),
    sub(0x03, 1, "boot"),
    sub(0x06, 1, "still-image"),
    sub(0x07, 1, "printer"),
    sub(0x08, 1, "rbc"),
    sub(0x08, 2, "atapi"),
    sub(0x08, 3, "qic-157"),
    sub(0x08, 4, "floppy"),
    sub(0x08, 5, "sff-8070i"),
    sub(0x08, 6, "scsi"),
    sub(0x0e, 1, "control"),
    sub(0x0e, 2, "streaming"),
    sub(0x0e, 3, "collection"),
    sub(0x58, 0x42, "controller"),
    sub(0xe0, 1, "radio"),
    sub(0xe0, 2, "wire-adapter"),
    sub(0xef, 5, "usb3-vision"),
    sub(0xfe, 1, "dfu"),
    sub(0xfe, 2, "irda"),
    sub(0xfe, 3, "test-and-measurement"),
    sub(0xff, 0xff, "vendor-specific"),

    protocol(0x03, any, 1, "keyboard"),
    protocol(0x03, any, 2, "mouse"),
    protocol(0x06, 1, 1, "ptp"),
    protocol(0x07, 1, 1, "unidirectional"),
    protocol(0x07, 1, 2, "bidirectional"),
    protocol(0x07, 1, 3, "ieee-1284.4"),
    protocol(0x07, 1, 4, "ipp"),
    protocol(0x08, any, 0x00, "cbi"),
    protocol(0x08, any, 0x01, "control-bulk"),
    protocol(0x08, any, 0x50, "bulk-only"),
    protocol(0x08, any, 0x62, "uas"),
    protocol(0x0b, any, 0, "ccid"),
    protocol(0xe0, 1, 1, "bluetooth"),
    protocol(0xe0, 1, 2, "ultra-wideband"),
    protocol(0xe0, 1, 3, "rndis"),
    protocol(0xef, 1, 1, "activesync"),
    protocol(0xef, 2, 1, "interface-association"),
    protocol(0xfe, 1, 1, "run-time"),
    protocol(0xfe, 1, 2, "dfu-mode"),
    protocol(0xfe, 3, 1, "usbtmc"),
    protocol(0xfe, 3, 2, "usb488"),
    protocol(0xff, 0xff, 0xff, "vendor-specific"),
});

/// A protocol whose subclass is not said is looked up in all of its class.
bool belongs(const ClassName& name, ClassPart part, const ClassContext& context) {
    if (name.part != part) {
        return false;
    }
    if (name.base != any && (!context.base || *context.base != name.base)) {
        return false;
    }
    return name.subclass == any || !context.subclass || *context.subclass == name.subclass;
}

} // namespace

std::optional<std::uint8_t> class_number(ClassPart part, const ClassContext& context,
                                         std::string_view name) {
    const auto found = std::find_if(names.begin(), names.end(), [&](const ClassName& known) {
        return known.name == name && belongs(known, part, context);
    });
    return found == names.end() ? std::nullopt : std::optional(found->number);
}

std::vector<std::string_view> class_names(ClassPart part, const ClassContext& context) {
    std::vector<std::string_view> found;
    for (const ClassName& known : names) {
        if (belongs(known, part, context)) {
            found.push_back(known.name);
        }
    }
    return found;
}

} // namespace usb_hotplug
