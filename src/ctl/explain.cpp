// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl explain: each guest and each rule, the decision, and what blocks it now. Also
// about a device of another machine: --record describes it there, --device decides here.

#include "base/edited_file.h"
#include "base/file.h"
#include "base/text.h"
#include "base/unit_name.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/limits.h"
#include "host/devices.h"
#include "host/in_use.h"
#include "host/record.h"
#include "learn/description.h"
#include "service/disk.h"
#include "service/situation.h"

#include <algorithm>
#include <cstdio>

namespace usb_hotplug::ctl {

namespace {

/// What stands in the way beside what systemd and the guests say.
void print_obstacle(const Device& device) {
    if (!is_authorised(device)) {
        print_line(
            "In the way: the kernel may not use it (authorized is 0); allow it, with usbguard "
            "perhaps");
    } else if (const auto use = host_use(device.syspath)) {
        print_line(use->is_certain ? "In the way: the host " + use->text()
                                   : "Not known: whether the host uses it: " + use->what);
    }
}

void print_situation(const Device& device, const Situation& situation) {
    print_line("Unit " + situation.unit + " is " + situation.unit_state);
    const bool on_its_way = situation.place != Place::Attached && situation.place != Place::Host;
    if (on_its_way) {
        print_obstacle(device);
    }
    print_line("Decision: " + (situation.guest.empty() ? "stays with the host" : situation.guest) +
               ", " + std::string(place_text(situation.place)) +
               (situation.reason.empty() ? "" : ": " + situation.reason));
}

/// The identity of a device, with its situation if that is asked for, and what the rules see.
Json seen_json(const Device& device, const Result<Situation>* situation) {
    Json json = situation != nullptr ? device_json(device, *situation) : identity_json(device);
    json.update(explained_json(device));
    return json;
}

int explain_plugged_as_json(World& world, const Device& device) {
    const Decision decision = world.decision(device);
    const auto situation = situation_of(world, device);
    Json document = new_json();
    document["device"] = seen_json(device, &situation);
    document["guests"] = Json::array();
    for (const Verdict& verdict : decision.verdicts) {
        document["guests"].push_back(verdict_json(
            verdict, device,
            verdict.wanted() ? std::optional(world.availability(*verdict.guest)) : std::nullopt));
    }
    document["errors"] = errors_json(world.configuration());
    print_json(document);
    return situation ? show_limits(world) : complain(situation.error().message);
}

int explain_plugged(const std::string& word, bool json) {
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    World world;
    const Device answered = world.answered(*device);
    if (json) {
        return explain_plugged_as_json(world, answered);
    }
    print_device(answered);
    const Decision decision = world.decision(answered);
    for (const Verdict& verdict : decision.verdicts) {
        print_verdict(decision, verdict, answered);
        const Availability now =
            verdict.wanted() ? world.availability(*verdict.guest) : Availability::Ready;
        if (now != Availability::Ready) {
            print_line("    cannot take it now: " +
                       (now == Availability::Unreachable
                            ? printable(world.last_problem(), 1000)
                            : verdict.guest->name + ", " + std::string(availability_text(now))));
        }
    }
    for (const ConfigError& error : world.configuration().errors) {
        print_line("Left out: " + error.text());
    }
    const auto first = std::find_if(decision.verdicts.begin(), decision.verdicts.end(),
                                    [](const Verdict& verdict) { return verdict.wanted(); });
    if (first != decision.verdicts.end()) {
        print_attachment(answered, settings_of(decision, *first->guest));
    }
    if (decision.for_disk) {
        print_line("As a USB device it " + claim_text(*decision.for_disk));
    }
    const auto situation = situation_of(world, *device);
    if (!situation) {
        return complain(situation.error().message);
    }
    print_situation(*device, *situation);
    return show_limits(world);
}

int record(const std::string& word, const std::string& file) {
    const auto device = find_meant(word);
    if (!device) {
        return device.error().code;
    }
    if (device->disk) {
        return complain(device->node + " is a disk; only USB devices can be described");
    }
    const auto description = record_device(*device);
    if (!description) {
        return complain(description.error().message);
    }
    std::vector<std::string> left_out;
    const std::string text = write_description(*description, &left_out);
    for (const std::string& what : left_out) {
        complain("left out " + what + ", which the format has no way to say");
    }
    if (file == "-") {
        return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? exit_success
                                                                               : exit_failure;
    }
    auto target = EditedFile::open(file, description_max);
    const auto written =
        target ? target->replace(text) : Result<>(tl::unexpected<Error>(target.error()));
    if (!written) {
        return complain(written.error().message);
    }
    print_line("Described " + device->id_text() + " at port " + device->port + " in " +
               printable(file, 1024) + ", with its names and serial number");
    return exit_success;
}

/// The device that is meant among those of a description: without a word, the only one that is no
/// hub.
Result<Device> find_described(const std::string& word, std::vector<Device> devices) {
    if (!word.empty()) {
        return find_meant(word, std::move(devices));
    }
    std::vector<Device> found;
    for (const Device& device : devices) {
        if (!device.is_hub()) {
            found.push_back(device);
        }
    }
    if (found.size() == 1) {
        return std::move(found.front());
    }
    const int status = found.empty() ? exit_no_device : exit_several;
    complain(found.empty() ? "No USB device but hubs is described there"
                           : twins_text("are described there", found));
    return fail("none or several", status);
}

int explain_described_as_json(const Configuration& configuration, const Device& device) {
    Json document = new_json();
    document["device"] = seen_json(device, nullptr);
    document["guests"] = Json::array();
    for (const Verdict& verdict : decide(device, configuration.guests).verdicts) {
        document["guests"].push_back(verdict_json(verdict, device, std::nullopt));
    }
    document["errors"] = errors_json(configuration);
    print_json(document);
    return exit_success;
}

int explain_described(const std::string& word, const std::string& file, bool json) {
    const auto content = read_file(file, description_max);
    if (!content) {
        return complain(content.error().message);
    }
    const auto description = parse_description(file, *content);
    if (!description) {
        return complain(description.error().message);
    }
    const auto device = find_described(word, described_devices(*description));
    if (!device) {
        return device.error().code;
    }
    const Configuration configuration = load_configuration();
    if (json) {
        return explain_described_as_json(configuration, *device);
    }
    print_device(*device);
    const Decision decision = decide(*device, configuration.guests);
    std::string first;
    for (const Verdict& verdict : decision.verdicts) {
        print_verdict(decision, verdict, *device);
        first = first.empty() && verdict.wanted() ? verdict.guest->name : first;
    }
    for (const ConfigError& error : configuration.errors) {
        print_line("Left out: " + error.text());
    }
    if (!first.empty()) {
        print_attachment(*device);
    }
    print_line("Unit would be " + device_unit(device->node));
    print_line("Decision: " + (decision.is_hub ? "stays with the host, hubs do"
                               : first.empty() ? "stays with the host"
                                               : first + " is first in line"));
    print_line("Its situation is not known: the device is described, and not plugged in here");
    return exit_success;
}

} // namespace

int explain(const ExplainRequest& request) {
    if (!request.description.empty()) {
        return explain_described(request.word, request.description, request.json);
    }
    return request.record.empty() ? explain_plugged(request.word, request.json)
                                  : record(request.word, request.record);
}

} // namespace usb_hotplug::ctl
