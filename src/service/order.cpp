// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/order.h"

#include "base/text.h"
#include "base/unit_name.h"
#include "host/devices.h"
#include "service/attach.h"
#include "service/by_hand.h"
#include "service/situation.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/random.h>
#include <utility>

namespace usb_hotplug {

namespace {

/// Longer than the unit's own limits, which end the job with a better message.
constexpr auto job_limit = std::chrono::seconds(200);
/// Longer than that of the unit that waits for the job.
constexpr auto order_limit = std::chrono::seconds(240);
/// systemd's (systemd.unit(5)).
constexpr std::size_t unit_name_max = 255;
constexpr std::size_t number_size = 16;

constexpr std::array<std::pair<OrderVerb, std::string_view>, 3> verb_words = {
    {{OrderVerb::Attach, "attach"}, {OrderVerb::Detach, "detach"}, {OrderVerb::Take, "take"}}};

Outcome failed(std::string complaint) {
    return {Ending::Failed, {}, {std::move(complaint)}};
}

Result<UnitState> run_job(World& world, UnitVerb verb, const std::string& unit) {
    auto systemd = world.systemd();
    if (!systemd) {
        return forward(systemd);
    }
    auto results = (*systemd)->run(verb, {unit}, job_limit);
    if (!results) {
        return forward(results);
    }
    return (*systemd)->state(unit);
}

/// What the device's worker last said.
std::string last_word(World& world, const Device& device) {
    const std::string unit = device_unit(device.node);
    const auto why =
        world.state().read_mark(Mark::Failed, escape_path(device.node), plug_id(device.syspath));
    const auto systemd = world.systemd();
    const std::string text = why ? *why : systemd ? (*systemd)->status_text(unit).value_or("") : "";
    return text.empty() ? "see 'systemctl status " + unit + "'" : printable(text, 1000);
}

/// The guest that has the device now, or nothing.
std::optional<std::string> owner(World& world, const std::string& instance, const UnitState& unit) {
    const auto record = world.state().read_record(instance);
    if (!unit.is_active() || !record || !*record) {
        return std::nullopt;
    }
    return (*record)->guest;
}

/// How things were before an attach by hand.
struct Before {
    std::optional<std::string> owner;
    Marks marks;
};

/// The guest refused: as it was before.
Outcome give_up(World& world, const Device& device, const Before& before) {
    const std::string instance = escape_path(device.node);
    Outcome outcome = failed(last_word(world, device));
    forget_attempt(world, device, before.marks);
    if (before.owner) {
        const auto restored = run_job(world, UnitVerb::Start, device_unit(device.node));
        const bool again = restored && owner(world, instance, *restored) == before.owner;
        outcome.complaints.push_back(*before.owner +
                                     (again ? " has it again" : " could not get it back"));
    }
    return outcome;
}

/// The unit did not start, and has not failed.
Outcome later(World& world, const Device& device) {
    const auto situation = situation_of(world, device);
    return {Ending::Later,
            {},
            {situation
                 ? situation->guest + " gets " + device.id_text() + " later: " + situation->reason
                 : situation.error().message}};
}

Outcome attach(World& world, const Device& device, const std::string& guest) {
    if (device.is_hub()) {
        return failed(device.port + " is a hub, and hubs stay with the host");
    }
    if (world.configuration().find(guest) == nullptr) {
        return failed("No guest '" + guest + "' is configured");
    }
    const std::string instance = escape_path(device.node);
    const std::string unit = device_unit(device.node);
    const auto systemd = world.systemd();
    const auto now = systemd ? (*systemd)->state(unit)
                             : Result<UnitState>(tl::unexpected<Error>(systemd.error()));
    if (!now) {
        return failed(now.error().message);
    }
    const Before before = {owner(world, instance, *now), marks_of(world.state(), device)};
    if (auto marked =
            world.state().write_mark(Mark::ByHand, instance, guest, plug_id(device.syspath));
        !marked) {
        return failed(marked.error().message);
    }
    const auto after = before.owner == guest ? now : run_job(world, UnitVerb::Restart, unit);
    if (!after) {
        return failed(after.error().message);
    }
    // The stop before the start was no wish to keep the device with the host.
    (void)world.state().remove_mark(Mark::Released, instance);
    if (owner(world, instance, *after) == guest) {
        return {Ending::Done,
                guest + " has " + (device.disk ? device.node : device.id_text()) + " at port " +
                    device.port,
                {}};
    }
    return after->active == "failed" ? give_up(world, device, before) : later(world, device);
}

/// A disk that its guest still has after its unit was stopped is taken from it all the same.
Outcome take_by_force(World& world, const Device& disk) {
    const std::string warning =
        "Warning: " + situation_of(world, disk).value_or(Situation()).guest +
        " does not let go of " + disk.node +
        ". Taking it all the same: what the guest has not written is lost, and its file systems "
        "there can be damaged";
    const auto done = cut_off_disk(world, disk);
    if (!done) {
        return {Ending::Failed,
                {},
                {warning, done.error().message +
                              "; only shutting the guest down takes the disk from it now"}};
    }
    if (const auto systemd = world.systemd()) {
        (*systemd)->reset_failed(device_unit(disk.node));
    }
    return {Ending::Done, done->text, {warning}};
}

/// Whether a guest has not let go of the device though its unit was stopped.
bool is_held(World& world, const Device& device) {
    const auto record = world.state().read_record(escape_path(device.node));
    return record && *record && (*record)->plug == plug_id(device.syspath) && !(*record)->cut_off;
}

Outcome detach(World& world, const Device& device, bool force) {
    // Before the stop: a unit that could not be stopped is started again by the watcher.
    if (auto kept = force ? keep_with_host(world, device) : Result<>(); !kept) {
        return failed(kept.error().message);
    }
    const auto after = run_job(world, UnitVerb::Stop, device_unit(device.node));
    if (!after) {
        return failed(after.error().message);
    }
    if (force && device.disk && is_held(world, device)) {
        return take_by_force(world, device);
    }
    if (after->is_active() || after->active == "failed") {
        return failed(last_word(world, device));
    }
    if (const auto kept = keep_with_host(world, device); !kept) {
        return failed(kept.error().message);
    }
    return {Ending::Done,
            "The host has " +
                (device.disk ? device.node : device.id_text() + " at port " + device.port),
            {}};
}

Result<std::string> new_number() {
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) {
        return fail(std::string("Cannot get a random number: ") + std::strerror(errno), errno);
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < number_size; ++i, random >>= 4U) {
        text += digits[random & 0xfU];
    }
    return text;
}

/// Takes the part up to the next colon.
std::optional<std::string_view> take_part(std::string_view& rest) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
    return part;
}

bool is_number(std::string_view text) {
    return text.size() == number_size &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace

std::string order_instance(const Order& order, std::string_view number) {
    std::string text;
    for (const auto& [verb, word] : verb_words) {
        text += verb == order.verb ? word : "";
    }
    return text + ":" + escape_path(order.node) + ":" + std::string(number) + ":" + order.guest;
}

std::optional<Order> parse_order(std::string_view instance) {
    std::string_view rest = instance;
    const auto word = take_part(rest);
    const auto device = word ? take_part(rest) : std::nullopt;
    const auto number = device ? take_part(rest) : std::nullopt;
    const auto node = number ? unescape_path(*device) : std::nullopt;
    if (!node || !node->starts_with("/dev/") || !is_number(*number)) {
        return std::nullopt;
    }
    for (const auto& [verb, known] : verb_words) {
        const bool fits = verb == OrderVerb::Attach ? is_guest_name(rest) : rest.empty();
        if (known == *word && fits) {
            return Order{verb, *node, std::string(rest)};
        }
    }
    return std::nullopt;
}

Outcome carry_out(World& world, const Order& order) {
    const auto device = find_device(order.node);
    if (!device || !*device) {
        return failed(device ? "There is no USB device " + printable(order.node, 256) + " any more"
                             : device.error().message);
    }
    return order.verb == OrderVerb::Attach ? attach(world, **device, order.guest)
                                           : detach(world, **device, order.verb == OrderVerb::Take);
}

Result<Outcome> have_carried_out(World& world, const Order& order) {
    const auto number = new_number();
    if (!number) {
        return forward(number);
    }
    const std::string instance = order_instance(order, *number);
    const std::string unit = order_unit_of(instance);
    if (unit.size() > unit_name_max) {
        return fail("The name of guest " + order.guest +
                    " is too long for an order; root can give it");
    }
    const auto systemd = world.systemd();
    if (!systemd) {
        return forward(systemd);
    }
    const auto ended = (*systemd)->run(UnitVerb::Start, {unit}, order_limit);
    if (!ended && ended.error().code == EACCES) {
        return fail("You may not move devices; " + std::string(advice_on_rights()), EACCES);
    }
    if (!ended) {
        return forward(ended);
    }
    auto answer = world.state().read_answer(instance);
    return answer ? Result<Outcome>(std::move(*answer))
                  : fail(unit + " ended with '" + ended->front().result +
                         "' and no answer; root sees why in 'journalctl -u " + unit + "'");
}

std::string_view advice_on_rights() {
    return "root and, where polkitd is installed, the members of group libvirt may: 'usermod -aG "
           "libvirt USER' as root, then log in again";
}

} // namespace usb_hotplug
