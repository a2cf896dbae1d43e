// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What start did, for stop, what the user said by hand about a plugged device, and who had a port
// last; small files in /run/usb-hotplug. systemd holds the state: nothing here says whether a
// device is attached.

#pragma once

#include "base/result.h"
#include "model/rule.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb_hotplug {

/// What one start did or began to do. Stop undoes it from this alone, never from the configuration.
struct AttachRecord {
    std::string instance; ///< of the device unit: "dev-bus-usb-001-005"
    std::string guest;    ///< name of the guest
    GuestAddress address;
    std::string alias;                   ///< of the device in the guest
    std::string plug;                    ///< plug_id of the device
    std::string syspath;                 ///< the device's folder in /sys
    std::string port;                    ///< "1-4.2", for messages
    std::string id;                      ///< "046d:c52b", for messages
    std::vector<std::string> interfaces; ///< those that had a host driver before: "1-4.2:1.0"
    std::vector<std::string> drivers;    ///< which drivers that were; rules ask about them
    std::string peer;                    ///< the port's other name (peer_of), often empty
    bool tenant = false; ///< the guest came first for having had the port's last device
    /// The host has the disk again, and the guest something by this alias that does nothing.
    bool cut_off = false;
};

/// A guest's device left its port. Told apart from others by `plug`, as records are.
struct Departure {
    std::string guest;
    std::string plug;
    std::chrono::milliseconds when{0}; ///< by now_since_boot()
};

/// CLOCK_MONOTONIC: the same for all processes, and it stands still while the machine sleeps.
std::chrono::milliseconds now_since_boot();

/// What is remembered of a device until it is unplugged, each with a text.
enum class Mark {
    Released, ///< stopped by hand, it stays with the host; the guest that had it
    ByHand,   ///< `usb-hotplugctl attach` gave it away; to this guest
    Failed,   ///< the last start failed, and systemd may have forgotten the unit since; why
    Blocked,  ///< the last start found somebody in the way, who has to go first; who
    Kept,     ///< its guest had to give it back and gets it again; that guest
};

/// Tells this plugging in of a device from every other one, also from one with the same number
/// later: the inode number of its sysfs folder, which kernfs never gives twice. Empty when the
/// device is gone.
std::string plug_id(const std::string& syspath);

enum class Ending {
    Done,
    Failed,
    Later, ///< it will happen by itself
};

/// How an order of usb-hotplugctl ended (service/order.h), for whoever gave it.
struct Answer {
    Ending ending = Ending::Failed;
    std::string said;
    std::vector<std::string> complaints;
};

/// The files, in one folder; normally state_folder().
class State {
public:
    explicit State(std::string folder) : folder_(std::move(folder)) {}

    [[nodiscard]] Result<> write_record(const AttachRecord& record) const;
    /// Nothing when there is none.
    [[nodiscard]] Result<std::optional<AttachRecord>>
    read_record(const std::string& instance) const;
    [[nodiscard]] Result<> remove_record(const std::string& instance) const;
    /// All records; unreadable ones are left out and named in `unreadable`.
    [[nodiscard]] std::vector<AttachRecord>
    records(std::vector<std::string>* unreadable = nullptr) const;

    [[nodiscard]] Result<> write_mark(Mark mark, const std::string& instance,
                                      const std::string& text, const std::string& plug) const;
    /// The text of the mark, when it is about this plugging in.
    [[nodiscard]] std::optional<std::string> read_mark(Mark mark, const std::string& instance,
                                                       const std::string& plug) const;
    [[nodiscard]] Result<> remove_mark(Mark mark, const std::string& instance) const;
    /// Forgets a mark wherever its text is this guest.
    void forget_marks(Mark mark, const std::string& guest) const;

    /// Gives a guest no devices until it is resumed. An error of resume is not that it was not
    /// paused.
    [[nodiscard]] Result<> pause(const std::string& guest) const;
    [[nodiscard]] Result<> resume(const std::string& guest) const;
    /// The same for all guests, while the machine sleeps.
    [[nodiscard]] Result<> fall_asleep() const;
    [[nodiscard]] Result<> wake_up() const;
    [[nodiscard]] bool is_paused(const std::string& guest) const;

    /// Kept for a port, and for its other name if it has one: what is empty is left out. Also
    /// removes what is older than `grace_max`, which nobody asks for any more.
    [[nodiscard]] Result<> write_departure(const std::vector<std::string>& ports,
                                           const Departure& departure) const;
    /// Nothing when there is none, or it is older than `grace_max`.
    [[nodiscard]] std::optional<Departure> read_departure(const std::string& port) const;
    void remove_departures(const std::vector<std::string>& ports) const;

    /// Kept for a minute, for an order with this name, and so readable by all. Also removes what is
    /// older.
    [[nodiscard]] Result<> write_answer(const std::string& order, const Answer& answer) const;
    [[nodiscard]] std::optional<Answer> read_answer(const std::string& order) const;

private:
    [[nodiscard]] std::string answer_path(const std::string& order) const;
    [[nodiscard]] std::string departure_path(const std::string& port) const;
    [[nodiscard]] std::string record_path(const std::string& instance) const;
    [[nodiscard]] std::string pause_path(const std::string& guest) const;
    [[nodiscard]] std::string asleep_path() const;
    [[nodiscard]] std::string mark_path(Mark mark, const std::string& instance) const;

    std::string folder_;
};

} // namespace usb_hotplug
