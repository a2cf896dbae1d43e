// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/by_hand.h"

#include "base/unit_name.h"

#include <array>

namespace usb_hotplug {

namespace {

constexpr std::array all_marks = {Mark::Released, Mark::ByHand, Mark::Failed, Mark::Blocked,
                                  Mark::Kept};

} // namespace

Marks marks_of(const State& state, const Device& device) {
    Marks marks;
    for (const Mark mark : all_marks) {
        if (auto text = state.read_mark(mark, escape_path(device.node), plug_id(device.syspath))) {
            marks.emplace(mark, std::move(*text));
        }
    }
    return marks;
}

void forget_attempt(World& world, const Device& device, const Marks& before) {
    const std::string instance = escape_path(device.node);
    for (const Mark mark : all_marks) {
        const auto text = before.find(mark);
        (void)(text == before.end() ? world.state().remove_mark(mark, instance)
                                    : world.state().write_mark(mark, instance, text->second,
                                                               plug_id(device.syspath)));
    }
    if (const auto systemd = world.systemd(); systemd && !before.contains(Mark::Failed)) {
        (*systemd)->reset_failed(device_unit(device.node));
    }
}

Result<> keep_with_host(World& world, const Device& device) {
    if (marks_of(world.state(), device).contains(Mark::Released)) {
        return {};
    }
    for (const Verdict& verdict : world.decision(device).verdicts) {
        if (verdict.wanted()) {
            return world.state().write_mark(Mark::Released, escape_path(device.node),
                                            verdict.guest->name, plug_id(device.syspath));
        }
    }
    return {};
}

} // namespace usb_hotplug
