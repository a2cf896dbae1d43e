// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl attach and detach: both work through the device's unit, so what they do shows in
// systemctl like everything else.

#include "ctl/ctl.h"
#include "service/order.h"

#include <unistd.h>

namespace usb_hotplug::ctl {

namespace {

int status_of(Ending ending) {
    switch (ending) {
    case Ending::Done:
        return exit_success;
    case Ending::Failed:
        return exit_failure;
    case Ending::Later:
        return exit_waiting;
    }
    return exit_failure;
}

int give_order(World& world, const Device& device, const Order& order, bool json) {
    const auto outcome = geteuid() == 0 ? carry_out(world, order) : have_carried_out(world, order);
    if (!outcome) {
        return complain(outcome.error().message);
    }
    for (const std::string& complaint : outcome->complaints) {
        complain(complaint);
    }
    return outcome->ending == Ending::Done ? say_moved(world, device, outcome->said, json)
                                           : status_of(outcome->ending);
}

} // namespace

int attach(const std::string& word, const std::string& guest, bool json) {
    World world;
    if (world.configuration().find(guest) == nullptr) {
        return no_such_guest(world, guest);
    }
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    return give_order(world, *device, {OrderVerb::Attach, device->node, guest}, json);
}

int detach(const std::string& word, bool force, bool json) {
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    World world;
    return give_order(world, *device,
                      {force ? OrderVerb::Take : OrderVerb::Detach, device->node, {}}, json);
}

} // namespace usb_hotplug::ctl
