// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl: see and move the USB devices of guests. See usb-hotplugctl(1).

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/terminal.h"
#include "import/import.h"
#include "version.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>

namespace {

using namespace usb_hotplug;

/// What the command line says, for all verbs.
struct Words {
    bool json = false;
    bool no_pager = false;
    std::string device;
    std::string guest;
    std::string by;
    std::string timeout;
    bool wait = false;
    std::size_t lines = 1000;
    bool force = false;
    ctl::ExplainRequest explain;
    std::vector<std::string> files;
    std::string format;
    std::string folder;

    [[nodiscard]] ctl::RuleRequest rule() const {
        return {device, parse_time_span(timeout), rule_by(by), json};
    }
};

/// What a verb does, once the words are read.
using Action = std::function<int()>;

/// The verbs, in the order in which --help shows them.
class Verbs {
public:
    Verbs(CLI::App& app, Words& words) : app_(app), words_(words) {}

    CLI::App* add(const char* name, const char* help, Action action) {
        CLI::App* verb = app_.add_subcommand(name, help);
        verb->add_flag("--json", words_.json, "Print JSON");
        all_.emplace_back(verb, std::move(action));
        return verb;
    }
    /// One whose output can be long.
    CLI::App* add_showing(const char* name, const char* help, Action action) {
        CLI::App* verb = add(name, help, [this, action = std::move(action)] {
            const ctl::Pager pager(!words_.no_pager);
            return action();
        });
        verb->add_flag("--no-pager", words_.no_pager, "Print to the terminal as it is");
        return verb;
    }

    /// Runs the one that was said.
    [[nodiscard]] int run() const {
        const auto said = std::find_if(all_.begin(), all_.end(),
                                       [](const auto& each) { return each.first->parsed(); });
        return said->second();
    }

private:
    CLI::App& app_;
    Words& words_;
    std::vector<std::pair<CLI::App*, Action>> all_;
};

std::string check_time_span(const std::string& text) {
    return parse_time_span(text) ? std::string()
                                 : "must be a time up to a day, such as 30s or 2min";
}

CLI::Option* add_device(CLI::App* verb, Words& words) {
    return verb->add_option("DEVICE", words.device, "The device");
}

CLI::Option* add_guest(CLI::App* verb, Words& words) {
    return verb->add_option("GUEST", words.guest, "The guest, as its configuration file is named")
        ->required();
}

int complain_of_usage(const std::string& mistake) {
    return ctl::complain(mistake + "\nRun with --help for more information.", ctl::exit_usage);
}

void add_explain(Verbs& verbs, Words& words) {
    auto* verb = verbs.add_showing("explain", "Show how each rule decides on a device", [&words] {
        if (words.device.empty() && words.explain.description.empty()) {
            return complain_of_usage("explain needs a DEVICE, or --device FILE");
        }
        words.explain.word = words.device;
        words.explain.json = words.json;
        return ctl::explain(words.explain);
    });
    auto* device = add_device(verb, words);
    auto* record = verb->add_option("--record", words.explain.record,
                                    "Only describe the device in this file, for another machine");
    verb->add_option("--device", words.explain.description,
                     "Decide about the device that this file describes")
        ->type_name("FILE")
        ->excludes(record);
    record->needs(device)->type_name("FILE");
}

/// The verbs that change nothing.
void add_seeing(Verbs& verbs, Words& words) {
    verbs.add_showing("list", "Show every USB device, its guest, and why not",
                      [&words] { return ctl::list(words.json); });
    verbs.add_showing("tree", "Show the same by bus and hub",
                      [&words] { return ctl::tree(words.json); });
    verbs.add_showing("guests", "Show every guest, and what it can take",
                      [&words] { return ctl::guests(words.json); });
    auto* status = verbs.add_showing("status", "Show one device, and what happened to it",
                                     [&words] { return ctl::status(words.device, words.json); });
    add_device(status, words)->required();
    auto* log =
        verbs.add_showing("log", "Show what the journal says of a device or a guest", [&words] {
            return ctl::log({words.device, words.lines, words.json});
        });
    log->add_option("WHAT", words.device, "A device, plugged in or not, or a guest");
    log->add_option("--lines", words.lines, "Show no more than the last so many")
        ->type_name("N")
        ->check(CLI::Range(1, 1000000));
    verbs.add("monitor", "Show what happens, as it happens",
              [&words] { return ctl::monitor(words.json); });
    verbs
        .add_showing("check", "Check the configuration and the machine (or: doctor)",
                     [&words] { return ctl::check(words.json); })
        ->alias("doctor");
    add_explain(verbs, words);
}

/// The options of the verbs that make a rule.
void add_rule_options(CLI::App& verb, Words& words) {
    auto* device = add_device(&verb, words);
    verb.add_option("--by", words.by, "Tell the device by port, id or serial")
        ->check(CLI::IsMember({"port", "id", "serial"}));
    verb.add_flag("--wait", words.wait, "Take the next device that is plugged in")
        ->excludes(device);
    verb.add_option("--timeout", words.timeout, "Wait no longer than this, such as 30s")
        ->check(check_time_span)
        ->type_name("SPAN")
        ->excludes(device);
}

void add_rules(Verbs& verbs, Words& words) {
    auto* rule = verbs.add("rule", "Print a rule for a device", [&words] {
        return words.device.empty() && !words.wait
                   ? complain_of_usage("rule needs a DEVICE, or --wait")
                   : ctl::rule(words.rule());
    });
    add_rule_options(*rule, words);
    auto* learn = verbs.add("learn", "Add a rule for a device to a guest's file",
                            [&words] { return ctl::learn(words.guest, words.rule()); });
    add_guest(learn, words);
    add_rule_options(*learn, words);
}

void add_moving(Verbs& verbs, Words& words) {
    auto* attach = verbs.add("attach", "Give a device to a guest until it is unplugged", [&words] {
        return ctl::attach(words.device, words.guest, words.json);
    });
    add_device(attach, words)->required();
    add_guest(attach, words);
    auto* detach = verbs.add("detach", "Give a device back to the host", [&words] {
        return ctl::detach(words.device, words.force, words.json);
    });
    detach->add_flag("--force", words.force,
                     "Take a disk even from a guest that does not let go of it");
    add_device(detach, words)->required();
    add_guest(verbs.add("pause", "Take a guest's devices back until it is resumed",
                        [&words] { return ctl::pause(words.guest, words.json); }),
              words);
    add_guest(verbs.add("resume", "Give a paused guest its devices again",
                        [&words] { return ctl::resume(words.guest, words.json); }),
              words);
}

void add_import(Verbs& verbs, Words& words) {
    auto* verb = verbs.add("import", "Make a configuration of another tool's", [&words] {
        return ctl::import_files(words.files, words.format, words.folder, words.json);
    });
    verb->add_option("FILE", words.files, "What to read")->required();
    verb->add_option("--from", words.format, "What it is; otherwise that is found out")
        ->check(CLI::IsMember(imports::format_names()));
    verb->add_option("--output", words.folder, "Write DIR/GUEST.toml for each, not to the screen")
        ->type_name("DIR");
}

/// --help: as CLI11's, but short enough for a terminal of 24 lines.
std::string help_of(const CLI::App& app) {
    std::string text = "Usage: usb-hotplugctl VERB ...\n\nVerbs:\n";
    const auto line = [](const std::string& head, const std::string& description) {
        return "  " + head + std::string(11 - std::min<std::size_t>(head.size(), 10), ' ') +
               description + "\n";
    };
    for (const CLI::App* verb : app.get_subcommands({})) {
        text += line(verb->get_name(), verb->get_description());
    }
    text += "\n" + line("-h,--help", "Show this, or with a verb what that can do") +
            line("--version", "Show the version");
    return text + "\n" + app.get_footer() + "\n";
}

/// What to say of a word that is no verb; empty when it is one.
std::string mistake_in_verb(const CLI::App& app, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands({})) {
        names.push_back(verb->get_name());
        names.insert(names.end(), verb->get_aliases().begin(), verb->get_aliases().end());
    }
    if (word.starts_with("-") || std::find(names.begin(), names.end(), word) != names.end()) {
        return {};
    }
    const auto meant = nearest(word, std::vector<std::string_view>(names.begin(), names.end()));
    return "There is no verb '" + printable(word, 64) + "'" +
           (meant ? "; did you mean '" + std::string(*meant) + "'?" : "");
}

int run(int argc, char** argv) {
    CLI::App app("See and move the USB devices of virtual machines", "usb-hotplugctl");
    app.set_version_flag("--version", "usb-hotplug " USB_HOTPLUG_VERSION);
    app.require_subcommand(1);
    app.footer("DEVICE is a port (1-4.2), a node (/dev/bus/usb/001/005, /dev/sdb), a\n"
               "vendor:product or a unit (usb-hotplug@dev-sdb.service). See usb-hotplugctl(1).");
    Words words;
    Verbs verbs(app, words);
    add_seeing(verbs, words);
    add_rules(verbs, words);
    add_moving(verbs, words);
    add_import(verbs, words);
    // The verbs have got CLI11's formatter by now.
    app.formatter_fn([](const CLI::App* of, const std::string& /*name*/,
                        CLI::AppFormatMode /*mode*/) { return help_of(*of); });
    if (const std::string mistake = argc > 1 ? mistake_in_verb(app, argv[1]) : "";
        !mistake.empty()) {
        return complain_of_usage(mistake);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 has exit statuses of its own; ours are documented.
        return app.exit(error) == 0 ? ctl::exit_success : ctl::exit_usage;
    }
    return verbs.run();
}

} // namespace

int main(int argc, char** argv) {
    // For the width of characters in tables.
    (void)std::setlocale(LC_CTYPE, "");
    // Whoever reads what we print may stop at any time; what was begun is done all the same.
    (void)std::signal(SIGPIPE, SIG_IGN);
    (void)ctl::terminal();
    try {
        const int status = run(argc, argv);
        return ctl::finish_output() ? status : ctl::complain("Cannot write what was to be shown");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "usb-hotplugctl: %s\n", error.what());
        return ctl::exit_failure;
    }
}
