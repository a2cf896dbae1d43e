// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl: see and move the USB devices of guests. See usb-hotplugctl(1).

#include "base/text.h"
#include "ctl/ctl.h"
#include "import/import.h"
#include "version.h"

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <exception>

namespace {

using namespace usb_hotplug;

/// What the command line says, for all verbs.
struct Words {
    std::string device;
    std::string guest;
    std::string by;
    std::string timeout;
    bool wait = false;
    bool force = false;
    ctl::ExplainRequest explain;
    std::vector<std::string> files;
    std::string format;
    std::string folder;

    [[nodiscard]] ctl::RuleRequest rule() const {
        return {device, parse_time_span(timeout), rule_by(by)};
    }
};

std::string check_time_span(const std::string& text) {
    return parse_time_span(text) ? std::string()
                                 : "must be a time up to a day, such as 30s or 2min";
}

CLI::App* add_explain(CLI::App& app, Words& words) {
    auto* verb = app.add_subcommand("explain", "Show how each rule decides on a device");
    auto* device = verb->add_option("DEVICE", words.device, "The device");
    auto* record = verb->add_option("--record", words.explain.record,
                                    "Only describe the device in this file, for another machine");
    verb->add_option("--device", words.explain.description,
                     "Decide about the device that this file describes")
        ->type_name("FILE")
        ->excludes(record);
    record->needs(device)->type_name("FILE");
    return verb;
}

/// The options of the verbs that make a rule.
void add_rule_options(CLI::App& verb, Words& words) {
    auto* device = verb.add_option("DEVICE", words.device, "The device");
    verb.add_option("--by", words.by, "Tell the device by port, id or serial")
        ->check(CLI::IsMember({"port", "id", "serial"}));
    verb.add_flag("--wait", words.wait, "Take the next device that is plugged in")
        ->excludes(device);
    verb.add_option("--timeout", words.timeout, "Wait no longer than this, such as 30s")
        ->check(check_time_span)
        ->type_name("SPAN")
        ->excludes(device);
}

CLI::App* add_import(CLI::App& app, Words& words) {
    auto* verb = app.add_subcommand("import", "Make a configuration of another tool's");
    verb->add_option("FILE", words.files, "What to read")->required();
    verb->add_option("--from", words.format, "What it is; otherwise that is found out")
        ->check(CLI::IsMember(imports::format_names()));
    verb->add_option("--output", words.folder, "Write DIR/GUEST.toml for each, not to the screen")
        ->type_name("DIR");
    return verb;
}

/// What CLI11 cannot say of the verbs' words; empty when they are in order.
std::string mistake_in(const CLI::App& explain, const CLI::App& rule, const Words& words) {
    if (explain.parsed() && words.device.empty() && words.explain.description.empty()) {
        return "explain needs a DEVICE, or --device FILE";
    }
    if (rule.parsed() && words.device.empty() && !words.wait) {
        return "rule needs a DEVICE, or --wait";
    }
    return {};
}

int run(int argc, char** argv) {
    CLI::App app("See and move the USB devices of virtual machines", "usb-hotplugctl");
    app.set_version_flag("--version", "usb-hotplug " USB_HOTPLUG_VERSION);
    app.require_subcommand(1);
    app.footer("DEVICE is a port (1-4.2), a node (/dev/bus/usb/001/005, of a disk /dev/sdb),\n"
               "vendor:product or a unit (usb-hotplug@dev-bus-usb-001-005.service).\n"
               "See usb-hotplugctl(1).");
    Words words;
    auto* list = app.add_subcommand("list", "Show every USB device, its guest, and why not");
    auto* check = app.add_subcommand("check", "Check the configuration and the machine");
    bool json = false;
    check->add_flag("--json", json, "Print the findings as JSON");
    auto* explain = add_explain(app, words);
    auto* rule = app.add_subcommand("rule", "Print a rule for a device");
    auto* learn = app.add_subcommand("learn", "Add a rule for a device to a guest's file");
    auto* attach = app.add_subcommand("attach", "Give a device to a guest until it is unplugged");
    auto* detach = app.add_subcommand("detach", "Give a device back to the host");
    const char* const guest_help = "The guest, as its configuration file is named";
    auto* pause = app.add_subcommand("pause", "Take a guest's devices back until it is resumed");
    auto* resume = app.add_subcommand("resume", "Give a paused guest its devices again");
    for (CLI::App* verb : {pause, resume}) {
        verb->add_option("GUEST", words.guest, guest_help)->required();
    }
    learn->add_option("GUEST", words.guest, guest_help)->required();
    add_rule_options(*rule, words);
    add_rule_options(*learn, words);
    for (CLI::App* verb : {attach, detach}) {
        verb->add_option("DEVICE", words.device, "The device")->required();
    }
    attach->add_option("GUEST", words.guest, guest_help)->required();
    detach->add_flag("--force", words.force,
                     "Take a disk even from a guest that does not let go of it");
    auto* import = add_import(app, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 has exit statuses of its own; ours are documented.
        return app.exit(error) == 0 ? ctl::exit_success : ctl::exit_usage;
    }
    if (const std::string mistake = mistake_in(*explain, *rule, words); !mistake.empty()) {
        return ctl::complain(mistake + "\nRun with --help for more information.", ctl::exit_usage);
    }
    if (list->parsed()) {
        return ctl::list();
    }
    if (check->parsed()) {
        return ctl::check(json);
    }
    if (explain->parsed()) {
        words.explain.word = words.device;
        return ctl::explain(words.explain);
    }
    if (rule->parsed()) {
        return ctl::rule(words.rule());
    }
    if (learn->parsed()) {
        return ctl::learn(words.guest, words.rule());
    }
    if (import->parsed()) {
        return ctl::import_files(words.files, words.format, words.folder);
    }
    if (pause->parsed()) {
        return ctl::pause(words.guest);
    }
    if (resume->parsed()) {
        return ctl::resume(words.guest);
    }
    return attach->parsed() ? ctl::attach(words.device, words.guest)
                            : ctl::detach(words.device, words.force);
}

} // namespace

int main(int argc, char** argv) {
    // For the width of characters in tables.
    (void)std::setlocale(LC_CTYPE, "");
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "usb-hotplugctl: %s\n", error.what());
        return ctl::exit_failure;
    }
}
