// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl check: every mistake in the configuration, what the rules would do that was hardly
// meant, and what the machine lacks.

#include "service/check.h"
#include "ctl/ctl.h"
#include "ctl/findings.h"

#include <cstdio>

namespace usb_hotplug::ctl {

int check(bool json) {
    World world;
    const std::vector<Finding> findings = check_world(world);
    const std::size_t guests = world.configuration().in_order().size();
    std::fputs((json ? findings_json(findings, guests) : findings_text(findings, guests)).c_str(),
               stdout);
    return exit_of(findings);
}

} // namespace usb_hotplug::ctl
