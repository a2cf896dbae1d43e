// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the verbs of usb-hotplugctl share. Each verb is a function in a file of its own, takes the
// words of the command line and returns the exit status; main.cpp parses and dispatches.

#pragma once

#include "base/result.h"
#include "learn/proposal.h"
#include "model/device.h"
#include "model/match.h"
#include "service/world.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace usb_hotplug::ctl {

/// Exit statuses, documented in usb-hotplugctl(1).
enum Exit {
    exit_success = 0,
    exit_failure = 1, ///< check: warnings only
    exit_usage = 2,   ///< check: errors; import: a mistake in a file
    exit_no_device = 3,
    exit_several = 4,
    exit_no_guest = 5,
    exit_waiting = 6,
};

int list(bool json);
int check(bool json);
int tree(bool json);
int guests(bool json);
int status(const std::string& word, bool json);
int monitor(bool json);

/// Of what the journal is asked.
struct LogRequest {
    std::string word; ///< a device or a guest; empty for all
    std::size_t lines = 0;
    bool json = false;
};
int log(const LogRequest& request);

/// Which device, and how it is decided about.
struct ExplainRequest {
    std::string word;        ///< the device; may be empty with `description`
    std::string record;      ///< describe the device in this file instead; "-" is standard output
    std::string description; ///< decide about a device that this file describes
    bool json = false;       ///< but for `record`, which has a format of its own
};
int explain(const ExplainRequest& request);

/// Which device a rule is made for, and how.
struct RuleRequest {
    std::string word; ///< the device; empty for the next one that is plugged in
    std::optional<std::chrono::milliseconds> timeout; ///< without one it waits for good
    std::optional<RuleBy> by;                         ///< without one the best is chosen
    bool json = false;
};
int rule(const RuleRequest& request);
int learn(const std::string& guest, const RuleRequest& request);

int attach(const std::string& word, const std::string& guest, bool json);
/// `force` takes a disk even from a guest that does not let go of it.
int detach(const std::string& word, bool force, bool json);

int pause(const std::string& guest, bool json);
int resume(const std::string& guest, bool json);

/// `format` and `folder` are empty where the user says none.
int import_files(const std::vector<std::string>& files, const std::string& format,
                 const std::string& folder, bool json);

/// Prints an error, as "usb-hotplugctl: ...", and returns `status`.
int complain(const std::string& message, int status = exit_failure);

/// Complains that there is no such guest, and why, or which one may be meant.
int no_such_guest(const World& world, const std::string& guest);

/// Complains of an error that may be a file in /run/usb-hotplug: those are root's, while polkit can
/// let others start and stop units.
int not_written(const Error& error);

/// Says that a device was moved, in these words, or as JSON where it is now.
int say_moved(World& world, const Device& device, const std::string& text, bool json);

/// Finds the plugged device that the user means: by port ("1-4.2"), node, "vendor:product" or unit.
/// Complains and returns the exit status as Error::code when there is none or there are several.
Result<Device> find_meant(const std::string& word);

Result<Device> find_meant(const std::string& word, std::vector<Device> devices);

/// What a device is called: its names, and of a disk its size and serial number.
std::string what_of(const Device& device);

/// "Several devices WHAT; say which by its port:" and the devices, one to a line.
std::string twins_text(const std::string& what, const std::vector<Device>& twins);

/// The device that a rule is made for: the named one, or the next that is plugged in, which it asks
/// for on standard error. Complains likewise.
Result<Device> device_for_rule(const RuleRequest& request);

void print_line(const std::string& text);
/// Prints what the rules see of a device.
void print_device(const Device& device);
/// Prints what a guest says to it, one of the decision's, and how each of its rules fared.
void print_verdict(const Decision& decision, const Verdict& verdict, const Device& device);
/// Prints what the hypervisor is sent to attach it, a disk with these settings.
void print_attachment(const Device& device, const DiskSettings& settings = {});

/// A table for a terminal or a pipe. Cells come from devices, so they are made printable.
void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows);

/// A row of a tree, below an earlier one.
struct TreeRow {
    std::vector<std::string> cells;
    std::optional<std::size_t> parent;
};

/// A table whose first column is a tree.
void print_tree(const std::vector<std::string>& headings, const std::vector<TreeRow>& rows);

/// Prints the mistakes in the configuration on standard error.
void print_mistakes(const World& world);

} // namespace usb_hotplug::ctl
