// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is true of the machine at this moment, for the pure decision to work on: the configuration,
// which guests are enabled and running, and what the user said by hand. The worker, the watcher and
// usb-hotplugctl all look at the world through this.

#pragma once

#include "guest/backend.h"
#include "host/state.h"
#include "host/systemd.h"
#include "model/config.h"
#include "model/match.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace usb_hotplug {

class World {
public:
    /// Nothing is read or connected to before it is needed: stop must work without a
    /// configuration.
    World();

    /// The configuration as it is on disk at the first call.
    [[nodiscard]] const Configuration& configuration() const;
    [[nodiscard]] const State& state() const { return state_; }

    /// The service manager, connected to at the first call.
    Result<Systemd*> systemd();
    /// The guest's backend, connected to at the first call.
    Result<Backend*> backend(const GuestAddress& address);
    /// Lets an existing connection to a guest be used.
    void share_backend(const GuestAddress& address, std::shared_ptr<Backend> backend);
    /// Forgets connections, failed and broken ones among them, so that the next call tries again.
    void forget_connections();

    /// Whether a guest can take a device now. An unreachable one leaves its reason in
    /// last_problem().
    Availability availability(const Guest& guest);
    [[nodiscard]] const std::string& last_problem() const { return last_problem_; }

    /// The device with all that the configured rules ask about it.
    [[nodiscard]] Device answered(Device device) const;
    /// The decision for a plugged device, with what the user said by hand, whom it is kept for and
    /// who had its port.
    [[nodiscard]] Decision decision(const Device& device);

    /// Has udev look at a disk and its partitions again, and waits until it has, as what the host
    /// may do with them depends on whether a guest has them.
    void refresh(const Device& disk);

private:
    [[nodiscard]] std::optional<DiskClaim> disk_claim(const Device& usb);

    mutable std::optional<Configuration> configuration_;
    State state_;
    std::unique_ptr<Systemd> systemd_;
    std::map<std::string, Result<std::shared_ptr<Backend>>> backends_;
    std::string last_problem_;
};

} // namespace usb_hotplug
