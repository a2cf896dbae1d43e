// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/import.h"

#include "base/text.h"
#include "import/draft.h"
#include "model/config.h"

#include <algorithm>
#include <array>

namespace usb_hotplug::imports {

namespace {

struct Known {
    std::string_view name;
    Format format;
    Result<> (*read)(const Source&, Drafts&);
};

constexpr std::array<Known, 4> known_formats = {{
    {"vhotplug", Format::Vhotplug, read_vhotplug},
    {"libvirt-usb-hotplug", Format::LibvirtUsbHotplug, read_libvirt_usb_hotplug},
    {"usb-serial", Format::UsbSerial, read_usb_serial},
    {"udev", Format::Udev, read_udev},
}};

/// "name=value" or "name+=(...": bash, and not the "==" of a udev rule.
bool looks_like_assignment(std::string_view line) {
    constexpr std::string_view name_chars =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const std::size_t end = std::min(line.find_first_not_of(name_chars), line.size());
    const std::string_view rest = line.substr(end);
    return end > 0 &&
           ((rest.starts_with("=") && !rest.starts_with("==")) || rest.starts_with("+="));
}

/// What one line, neither empty nor a comment, looks like.
std::optional<Format> detect_line(std::string_view line) {
    if (line[0] == '{' || line[0] == '[') {
        return Format::Vhotplug;
    }
    if (looks_like_assignment(line)) {
        return Format::LibvirtUsbHotplug;
    }
    if (line.find("=\"") != std::string_view::npos) {
        return Format::Udev;
    }
    const std::size_t words = words_of(line).size();
    return words == 2 || words == 3 ? std::optional(Format::UsbSerial) : std::nullopt;
}

/// The text must be text: toml++ and terminals get parts of it.
Result<> check_text(const Source& source) {
    const std::size_t nul = source.text.find('\0');
    if (nul != std::string::npos) {
        return mistake_at(source, nul, "there is a NUL character; this is no text file");
    }
    const std::string valid = to_utf8(source.text);
    if (valid != source.text) {
        const auto differ =
            std::mismatch(source.text.begin(), source.text.end(), valid.begin(), valid.end());
        return mistake_at(source, static_cast<std::size_t>(differ.first - source.text.begin()),
                          "not valid UTF-8; convert the file first, for instance with 'iconv -f "
                          "latin1 -t utf8'");
    }
    return {};
}

Result<> read_source(const Source& source, std::optional<Format> format, Drafts& drafts) {
    if (auto checked = check_text(source); !checked) {
        return checked;
    }
    const auto meant = format ? format : detect(source.text);
    const auto* const known =
        std::find_if(known_formats.begin(), known_formats.end(),
                     [&](const Known& one) { return meant && one.format == *meant; });
    if (known == known_formats.end()) {
        return fail(printable(source.file, 1024) + ": cannot tell what this is; say --from " +
                    join(format_names(), ", ") + ", whichever it is");
    }
    return known->read(source, drafts);
}

/// What is written must be read again without a mistake, whatever was in the source.
Result<> check_files(const Imported& imported) {
    for (const GuestFile& file : imported.files) {
        if (file.toml.size() > configuration_file_max) {
            return fail("The file of the guest " + file.guest + " would be larger than " +
                        std::to_string(configuration_file_max) +
                        " bytes, which no configuration may be");
        }
        Configuration configuration;
        parse_guest(file.guest, file.guest + ".toml", file.toml, configuration);
        if (!configuration.errors.empty()) {
            return fail("The result is not in order, which is a mistake of usb-hotplugctl; please "
                        "report it with the imported file: " +
                        configuration.errors.front().text());
        }
    }
    return {};
}

} // namespace

std::optional<Format> format_named(std::string_view name) {
    for (const Known& known : known_formats) {
        if (known.name == name) {
            return known.format;
        }
    }
    return std::nullopt;
}

const std::vector<std::string>& format_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        all.reserve(known_formats.size());
        for (const Known& known : known_formats) {
            all.emplace_back(known.name);
        }
        return all;
    }();
    return names;
}

std::optional<Format> detect(std::string_view text) {
    std::optional<Format> first;
    for (const std::string_view whole : split(text, '\n')) {
        const std::string_view line = trim(whole);
        if (line.empty() || line[0] == '#') {
            continue;
        }
        // Neither need be the first: bash can begin with anything, udev rules with a LABEL.
        if (line.starts_with("devlist=") || line.starts_with("devlist+=")) {
            return Format::LibvirtUsbHotplug;
        }
        if (line.find("RUN+=\"") != std::string_view::npos) {
            return first == Format::Vhotplug ? first : Format::Udev;
        }
        if (!first) {
            first = detect_line(line);
        }
    }
    return first;
}

Result<Imported> import_sources(const std::vector<Source>& sources, std::optional<Format> format) {
    Drafts drafts;
    std::vector<std::string> files;
    for (const Source& source : sources) {
        if (auto read = read_source(source, format, drafts); !read) {
            return forward(read);
        }
        files.push_back(source.file);
    }
    Imported imported = drafts.finish("Made of " + join(files) + " by usb-hotplugctl import.");
    if (auto checked = check_files(imported); !checked) {
        return forward(checked);
    }
    return imported;
}

} // namespace usb_hotplug::imports
