// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ctl/limits.h"

#include "base/text.h"
#include "ctl/ctl.h"
#include "service/order.h"

#include <algorithm>
#include <grp.h>
#include <unistd.h>
#include <vector>

namespace usb_hotplug::ctl {

namespace {

/// Whether the user is in the group that libvirt and polkit's rule ask about.
bool is_in_group() {
    const group* meant = getgrnam("libvirt");
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(getgroups(0, nullptr), 0)));
    const int count = getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(count, 0)));
    groups.push_back(getegid());
    return meant != nullptr &&
           std::find(groups.begin(), groups.end(), meant->gr_gid) != groups.end();
}

} // namespace

int show_limits(const World& world) {
    const bool lacks_rights = !world.last_problem().empty() && geteuid() != 0 && !is_in_group();
    return lacks_rights
               ? complain("Cannot see all guests: " + printable(world.last_problem(), 1000) + "; " +
                          std::string(advice_on_rights()))
               : exit_success;
}

} // namespace usb_hotplug::ctl
