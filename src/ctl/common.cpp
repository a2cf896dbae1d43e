// SPDX-License-Identifier: LGPL-2.1-or-later

#include "base/handles.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "host/disks.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <libsmartcols/libsmartcols.h>
#include <unistd.h>

namespace usb_hotplug::ctl {

namespace {

using Table = Handle<libscols_table, scols_unref_table>;

bool is_meant(const Device& device, const std::string& word) {
    if (word == device.node || node_of_device_unit(word) == device.node ||
        node_of_device_unit(word + ".service") == device.node) {
        return true;
    }
    // A disk has its port and its number from the USB device, which is meant by them.
    return device.disk ? word == device.disk->name
                       : word == device.port || lower(word) == device.id_text();
}

} // namespace

std::string twins_text(const std::string& what, const std::vector<Device>& twins) {
    std::string text = "Several devices " + what + "; say which by its port:";
    for (const Device& twin : twins) {
        text += "\n  " + printable(twin.port) + "  " + twin.node + "  " + twin.name() +
                (twin.serial.empty() ? "" : ", serial " + printable(twin.serial, 64));
    }
    return text;
}

int complain(const std::string& message, int status) {
    std::fprintf(stderr, "usb-hotplugctl: %s\n", message.c_str());
    return status;
}

Result<Device> find_meant(const std::string& word) {
    auto devices = list_devices_and_disks();
    if (!devices) {
        complain(devices.error().message);
        return fail(devices.error().message, exit_failure);
    }
    return find_meant(word, std::move(*devices));
}

Result<Device> find_meant(const std::string& word, std::vector<Device> devices) {
    std::erase_if(devices, [&](const Device& device) { return !is_meant(device, word); });
    if (devices.empty()) {
        const std::string message =
            "No plugged USB device is '" + printable(word, 256) +
            "'; name it by port (1-4.2), node (/dev/bus/usb/001/005, of a disk /dev/sdb), "
            "vendor:product or unit, as 'usb-hotplugctl list' shows them";
        complain(message);
        return fail(message, exit_no_device);
    }
    if (devices.size() > 1) {
        complain(twins_text("are '" + printable(word, 64) + "'", devices));
        return fail("several devices", exit_several);
    }
    return std::move(devices.front());
}

void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
    const Table table(scols_new_table());
    if (!table) {
        return;
    }
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    for (std::size_t i = 0; i < headings.size(); ++i) {
        // The last column is prose: on a terminal it wraps, in a pipe it stays one line.
        const bool last = i + 1 == headings.size();
        scols_table_new_column(table.get(), headings[i].c_str(), last ? 0.3 : 0.1,
                               last && terminal ? SCOLS_FL_WRAP : 0);
    }
    for (const auto& row : rows) {
        libscols_line* line = scols_table_new_line(table.get(), nullptr);
        for (std::size_t i = 0; i < row.size() && line != nullptr; ++i) {
            scols_line_set_data(line, i, row[i].empty() ? "-" : row[i].c_str());
        }
    }
    scols_print_table(table.get());
}

int no_such_guest(const World& world, const std::string& guest) {
    std::string message = "No guest '" + printable(guest, 64) + "' is configured";
    const std::string errors = world.configuration().errors_of(guest);
    std::vector<std::string_view> names;
    for (const Guest& known : world.configuration().guests) {
        names.emplace_back(known.name);
    }
    if (!errors.empty()) {
        message = "The configuration of guest " + guest + " is broken:\n" + errors;
    } else if (const auto meant = nearest(guest, names)) {
        message += "; did you mean '" + std::string(*meant) + "'?";
    }
    return complain(message, exit_no_guest);
}

int not_written(const Error& error) {
    return complain(error.message + (error.code == EACCES ? "; are you root?" : ""));
}

} // namespace usb_hotplug::ctl
