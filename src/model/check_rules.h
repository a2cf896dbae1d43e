// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the rules of all guests say about each other, whatever is plugged in. Pure.

#pragma once

#include "model/finding.h"

#include <vector>

namespace usb_hotplug {

/// Finds, as far as covers() is certain of it:
///   rule-excepted   an [[except]] rule of the same file takes out all that the rule asks for
///   rule-duplicate  an earlier rule of the same file asks for all of it
///   rule-shadowed   a guest ahead in line asks for all of it, so gets it first whenever it runs
/// and
///   guest-no-rule   the guest asks for nothing
///   rules-many      a note: there are so many rules that not all were compared
/// Rules that are switched off count for nothing.
std::vector<Finding> check_rules(const std::vector<Guest>& guests);

/// `[[usb]] rule "Mouse"`, printable.
std::string rule_name(const Rule& rule, std::string_view kind);

} // namespace usb_hotplug
