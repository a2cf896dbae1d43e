// SPDX-License-Identifier: LGPL-2.1-or-later
//
// usb-hotplugctl import: what people have from other tools, as configuration files of this one.

#include "import/import.h"

#include "base/file.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/json.h"
#include "model/config.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace usb_hotplug::ctl {

namespace {

constexpr const char* remarks_title = "About none of the guests:";

Result<std::vector<imports::Source>> read_sources(const std::vector<std::string>& files) {
    std::vector<imports::Source> sources;
    for (const std::string& file : files) {
        auto text = read_file(file, imports::source_max);
        if (!text) {
            return forward(text);
        }
        sources.push_back({file, std::move(*text)});
    }
    return sources;
}

std::string remarks_text(const imports::Imported& imported) {
    return imported.remarks.empty() ? "" : imports::comment_lines(remarks_title) + imported.remarks;
}

/// All files, each with a line that says where it belongs.
void print(const imports::Imported& imported) {
    std::string text = remarks_text(imported);
    for (const imports::GuestFile& file : imported.files) {
        text += text.empty() ? "" : "\n";
        text += "# " + configuration_folders().front() + "/" + file.guest + ".toml\n" + file.toml;
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
}

/// All files or none: none is written when one is there already.
Result<> write(const imports::Imported& imported, const std::string& folder) {
    std::vector<std::string> paths;
    for (const imports::GuestFile& file : imported.files) {
        std::string path = folder + "/" + file.guest + ".toml";
        std::error_code error;
        if (std::filesystem::symlink_status(path, error).type() !=
            std::filesystem::file_type::not_found) {
            return fail(printable(path, 1024) +
                            " is there already, so nothing was written; move it away, or say "
                            "another folder with --output",
                        EEXIST);
        }
        paths.push_back(std::move(path));
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (auto created = create_file(paths[i], imported.files[i].toml); !created) {
            return created;
        }
    }
    const std::string remarks = remarks_text(imported);
    std::fwrite(remarks.data(), 1, remarks.size(), stderr);
    return {};
}

void print_paths(const imports::Imported& imported, const std::string& folder) {
    for (const imports::GuestFile& file : imported.files) {
        std::printf("%s\n", printable(folder + "/" + file.guest + ".toml", 1024).c_str());
    }
}

Json json_of(const imports::Imported& imported) {
    Json document = new_json();
    document["remarks"] = text_or_null(imported.remarks);
    document["files"] = Json::array();
    for (const imports::GuestFile& file : imported.files) {
        Json& json = document["files"].emplace_back();
        json["guest"] = file.guest;
        json["toml"] = file.toml;
        json["notes"] = file.notes.size();
    }
    return document;
}

/// The comments are easily overlooked in a long file.
void say_notes(const imports::Imported& imported) {
    std::size_t count = imported.notes.size();
    for (const imports::GuestFile& file : imported.files) {
        count += file.notes.size();
    }
    if (count > 0) {
        std::fprintf(stderr,
                     "usb-hotplugctl: %s: see the comments that begin with \"Not carried "
                     "over\" or \"Differs\"\n",
                     counted(count, "note").c_str());
    }
}

} // namespace

int import_files(const std::vector<std::string>& files, const std::string& format,
                 const std::string& folder, bool json) {
    const auto sources = read_sources(files);
    if (!sources) {
        return complain(printable(sources.error().message, 2048));
    }
    const auto imported = imports::import_sources(*sources, imports::format_named(format));
    if (!imported) {
        return complain(imported.error().message, exit_usage);
    }
    if (imported->files.empty()) {
        const std::string remarks = remarks_text(*imported);
        std::fwrite(remarks.data(), 1, remarks.size(), stderr);
        return complain("there is no guest in " + printable(join(files), 1024));
    }
    if (!folder.empty()) {
        if (const auto written = write(*imported, folder); !written) {
            return complain(written.error().message);
        }
    }
    if (json) {
        print_json(json_of(*imported));
    } else if (folder.empty()) {
        print(*imported);
    } else {
        print_paths(*imported, folder);
    }
    say_notes(*imported);
    return exit_success;
}

} // namespace usb_hotplug::ctl
