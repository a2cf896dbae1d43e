// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The decision: which guests want a device, by which rule, and if not, why not. Pure functions;
// every program asks these, and nothing keeps their answers.

#pragma once

#include "model/device.h"
#include "model/rule.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

/// Why one guest does or does not want a device.
enum class Wish {
    Wanted,   ///< by the rule `by`
    ByHand,   ///< `usb-hotplugctl attach` said so, whatever the rules say
    Excepted, ///< a [[usb]] rule holds, but so does the [[except]] rule `by`
    NoRule,   ///< no rule holds
    Yields,   ///< `usb-hotplugctl attach` gave it to another guest
    Kept,     ///< it would, but the device is kept for another guest, which had it
    ForDisk,  ///< it would, by the rule `by`, but a [[disk]] rule wants the disk on it
};

/// What one guest says to a device. Points into the guests that decide() was given.
struct Verdict {
    const Guest* guest = nullptr;
    Wish wish = Wish::NoRule;
    const Rule* by = nullptr;
    /// How it gets the disk, if it wants one and a rule says.
    const DiskSettings* settings = nullptr;

    [[nodiscard]] bool wanted() const { return wish == Wish::Wanted || wish == Wish::ByHand; }
};

/// Whose device was the last one at a port. A device with modes (a bootloader, a modem, a phone)
/// leaves and comes back as another one.
struct Tenant {
    std::string guest;
    std::chrono::milliseconds ago{0}; ///< since its device left; 0 also while it is leaving
};

/// Looks up the tenant of the device's port, if there is one.
using FindTenant = std::function<std::optional<Tenant>()>;

/// A [[disk]] rule that a disk on a USB device is for, or may be.
struct DiskClaim {
    const Guest* guest = nullptr;
    const Rule* rule = nullptr;
    std::string node = {}; ///< of the disk; empty while there is none, and so nobody knows
};

/// What all guests say to a device, the first to get it first.
struct Decision {
    bool is_hub = false; ///< then `verdicts` is empty: hubs are never handed over
    std::vector<Verdict> verdicts;
    /// Set when the first verdict is this guest's for having had the port, whatever its priority.
    std::optional<Tenant> tenant = std::nullopt;
    /// Set when the USB device stays with the host for the sake of its disk.
    std::optional<DiskClaim> for_disk = std::nullopt;

    [[nodiscard]] bool wanted() const;
    [[nodiscard]] bool wanted_by(std::string_view guest) const;
};

/// Whether `a` is ahead of `b` in line for a device that both want: by priority, then by name.
bool is_ahead(const Guest& a, const Guest& b);

/// Decides, about a disk by the [[disk]] rules and about any other device by the [[usb]] and
/// [[except]] rules. `by_hand` is the guest that the user gave the device to, overriding the rules.
/// Of the guests that want it, the tenant of its port comes first until its time of grace is over,
/// then the highest priority, then the name. `find_tenant` is called only when several want it.
Decision decide(const Device& device, const std::vector<Guest>& guests,
                const std::optional<std::string>& by_hand = std::nullopt,
                const FindTenant& find_tenant = {});

/// The device is kept for a guest that had it: as long as that one wants it, the others do not.
void keep_for(const std::string& guest, Decision& decision);

/// The [[disk]] rules that could hold for a disk on this USB device, as far as the device itself
/// tells: its number, names and port are the disk's, too, while of the rest nothing is known.
std::vector<DiskClaim> disk_claims(const Device& usb, const std::vector<Guest>& guests);

/// The same device is not given away both as a USB device and as a disk: no guest gets the former.
void leave_to_disk(const DiskClaim& claim, Decision& decision);

/// What the rules ask about a device that costs looking it up, and so is done only if they do.
struct Questions {
    bool peer = false;    ///< Device::peer
    bool drivers = false; ///< Device::drivers
};

Questions questions_of(const std::vector<Guest>& guests);

/// Whether a guest can take a device now.
enum class Availability {
    Ready,
    Off,         ///< not running
    NotEnabled,  ///< its target is not active
    Paused,      ///< `usb-hotplugctl pause`, or the machine is about to sleep
    Missing,     ///< the hypervisor knows no such guest
    Unreachable, ///< the hypervisor does not answer
};

/// As a clause about the guest: "which is off".
std::string_view availability_text(Availability availability);

/// Which guest gets the device now, and why the ones before it in line do not.
struct Choice {
    const Guest* guest = nullptr; ///< null: nobody now
    struct Passed {
        const Guest* guest;
        Availability why;
    };
    std::vector<Passed> passed;

    /// "waiting for win10, which is off"; empty when nobody wants it.
    [[nodiscard]] std::string waiting_text() const;
};

/// The first guest in line that is ready. A paused one is waited for: what it would have had is
/// there when it goes on. `available` is asked in order and no further than needed.
Choice choose(const Decision& decision, const std::function<Availability(const Guest&)>& available);

/// How one rule fared.
struct RuleTrace {
    const Rule* rule = nullptr;
    bool holds = false;
    const Condition* failed = nullptr; ///< the first condition that does not hold
    std::string actual;                ///< what the device has there; not yet made printable
};

/// Tries one rule on a device. decide() and explanations both stand on this.
RuleTrace try_rule(const Rule& rule, const Device& device);

} // namespace usb_hotplug
