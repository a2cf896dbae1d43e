// SPDX-License-Identifier: LGPL-2.1-or-later

#include "host/state.h"

#include "base/file.h"
#include "base/text.h"

#include <cerrno>
#include <filesystem>
#include <sstream>
#include <sys/stat.h>
#include <toml++/toml.h>

namespace usb_hotplug {

namespace {

constexpr std::size_t state_file_max = std::size_t{64} * 1024;
constexpr auto answer_kept = std::chrono::minutes(1);

std::string text_of(const toml::table& table) {
    std::ostringstream out;
    out << table << '\n';
    return out.str();
}

Result<toml::table> read_table(const std::string& path) {
    auto content = read_file(path, state_file_max);
    if (!content) {
        return forward(content);
    }
    try {
        return toml::parse(*content, path);
    } catch (const toml::parse_error& error) {
        return fail(path + " is damaged: " + printable(error.description()));
    }
}

std::string mark_folder(Mark mark) {
    switch (mark) {
    case Mark::Released:
        return "/released/";
    case Mark::ByHand:
        return "/by-hand/";
    case Mark::Failed:
        return "/failed/";
    case Mark::Blocked:
        return "/blocked/";
    case Mark::Kept:
        return "/kept/";
    }
    return {};
}

std::string_view backend_name(BackendKind kind) {
    switch (kind) {
    case BackendKind::Libvirt:
        return "libvirt";
    case BackendKind::Qmp:
        return "qmp";
    }
    return {};
}

/// A record of a version that knew libvirt alone names none.
std::optional<BackendKind> backend_named(std::string_view name) {
    if (name.empty()) {
        return BackendKind::Libvirt;
    }
    for (const BackendKind kind : {BackendKind::Libvirt, BackendKind::Qmp}) {
        if (name == backend_name(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string string_at(const toml::table& table, std::string_view key) {
    return table[key].value_or(std::string());
}

toml::array array_of(const std::vector<std::string>& texts) {
    toml::array array;
    for (const std::string& text : texts) {
        array.push_back(text);
    }
    return array;
}

std::vector<std::string> strings_at(const toml::table& table, std::string_view key) {
    std::vector<std::string> texts;
    if (const toml::array* array = table[key].as_array()) {
        for (const toml::node& text : *array) {
            texts.push_back(text.value_or(std::string()));
        }
    }
    return texts;
}

/// Without what is being written (write_file), or was when its writer was killed.
std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        std::string name = entries->path().filename().string();
        if (!name.ends_with(".new")) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

} // namespace

std::string plug_id(const std::string& syspath) {
    struct stat status = {};
    return stat(syspath.c_str(), &status) < 0 ? std::string() : std::to_string(status.st_ino);
}

std::chrono::milliseconds now_since_boot() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

/// Ports are names of files here. The kernel's are harmless, and a hostile record's are not used.
std::string State::departure_path(const std::string& port) const {
    const bool harmless = !port.empty() && port[0] != '.' &&
                          port.find_first_not_of("0123456789.-") == std::string::npos;
    return harmless ? folder_ + "/left/" + port : std::string();
}

std::string State::record_path(const std::string& instance) const {
    return folder_ + "/attached/" + instance;
}

std::string State::pause_path(const std::string& guest) const {
    return folder_ + "/paused/" + guest;
}

std::string State::asleep_path() const {
    return folder_ + "/asleep";
}

std::string State::mark_path(Mark mark, const std::string& instance) const {
    return folder_ + mark_folder(mark) + instance;
}

Result<> State::write_record(const AttachRecord& record) const {
    return write_file(record_path(record.instance),
                      text_of(toml::table{
                          {"guest", record.guest},
                          {"backend", backend_name(record.address.kind)},
                          {"target", record.address.target},
                          {"domain", record.address.domain},
                          {"alias", record.alias},
                          {"plug", record.plug},
                          {"syspath", record.syspath},
                          {"port", record.port},
                          {"id", record.id},
                          {"interfaces", array_of(record.interfaces)},
                          {"drivers", array_of(record.drivers)},
                          {"peer", record.peer},
                          {"tenant", record.tenant},
                          {"cut-off", record.cut_off},
                      }));
}

Result<std::optional<AttachRecord>> State::read_record(const std::string& instance) const {
    auto table = read_table(record_path(instance));
    if (!table && table.error().code == ENOENT) {
        return std::nullopt;
    }
    if (!table) {
        return forward(table);
    }
    const auto backend = backend_named(string_at(*table, "backend"));
    if (!backend) {
        return fail(record_path(instance) + " is damaged: it names no backend that there is");
    }
    AttachRecord record;
    record.instance = instance;
    record.guest = string_at(*table, "guest");
    record.address = {*backend, string_at(*table, "target"), string_at(*table, "domain")};
    record.alias = string_at(*table, "alias");
    record.plug = string_at(*table, "plug");
    record.syspath = string_at(*table, "syspath");
    record.port = string_at(*table, "port");
    record.id = string_at(*table, "id");
    record.interfaces = strings_at(*table, "interfaces");
    record.drivers = strings_at(*table, "drivers");
    record.peer = string_at(*table, "peer");
    record.tenant = (*table)["tenant"].value_or(false);
    record.cut_off = (*table)["cut-off"].value_or(false);
    return record;
}

Result<> State::remove_record(const std::string& instance) const {
    return remove_file(record_path(instance));
}

std::vector<AttachRecord> State::records(std::vector<std::string>* unreadable) const {
    std::vector<AttachRecord> found;
    for (const std::string& instance : files_in(folder_ + "/attached")) {
        auto record = read_record(instance);
        if (record && *record) {
            found.push_back(std::move(**record));
        } else if (!record && unreadable != nullptr) {
            unreadable->push_back(record.error().message);
        }
    }
    return found;
}

Result<> State::write_mark(Mark mark, const std::string& instance, const std::string& text,
                           const std::string& plug) const {
    return write_file(mark_path(mark, instance),
                      text_of(toml::table{{"text", text}, {"plug", plug}}));
}

std::optional<std::string> State::read_mark(Mark mark, const std::string& instance,
                                            const std::string& plug) const {
    const auto table = read_table(mark_path(mark, instance));
    if (!table || plug.empty() || string_at(*table, "plug") != plug) {
        return std::nullopt;
    }
    return string_at(*table, "text");
}

Result<> State::remove_mark(Mark mark, const std::string& instance) const {
    return remove_file(mark_path(mark, instance));
}

Result<> State::write_departure(const std::vector<std::string>& ports,
                                const Departure& departure) const {
    for (const std::string& port : files_in(folder_ + "/left")) {
        if (!read_departure(port)) {
            remove_departures({port});
        }
    }
    for (const std::string& port : ports) {
        const std::string path = departure_path(port);
        auto written = path.empty() ? Result<>()
                                    : write_file(path, text_of(toml::table{
                                                           {"guest", departure.guest},
                                                           {"plug", departure.plug},
                                                           {"when", departure.when.count()},
                                                       }));
        if (!written) {
            return written;
        }
    }
    return {};
}

std::optional<Departure> State::read_departure(const std::string& port) const {
    const std::string path = departure_path(port);
    const auto table = path.empty() ? Result<toml::table>(fail("")) : read_table(path);
    if (!table) {
        return std::nullopt;
    }
    const Departure departure = {
        string_at(*table, "guest"), string_at(*table, "plug"),
        std::chrono::milliseconds((*table)["when"].value_or(std::int64_t{0}))};
    const auto age = now_since_boot() - departure.when;
    return age.count() >= 0 && age <= grace_max ? std::optional(departure) : std::nullopt;
}

void State::remove_departures(const std::vector<std::string>& ports) const {
    for (const std::string& port : ports) {
        if (const std::string path = departure_path(port); !path.empty()) {
            (void)remove_file(path);
        }
    }
}

std::string State::answer_path(const std::string& order) const {
    return folder_ + "/answers/" + order;
}

Result<> State::write_answer(const std::string& order, const Answer& answer) const {
    for (const std::string& old : files_in(folder_ + "/answers")) {
        if (!read_answer(old)) {
            (void)remove_file(answer_path(old));
        }
    }
    return write_file(answer_path(order),
                      text_of(toml::table{{"ending", static_cast<std::int64_t>(answer.ending)},
                                          {"said", answer.said},
                                          {"complaints", array_of(answer.complaints)},
                                          {"when", now_since_boot().count()}}));
}

std::optional<Answer> State::read_answer(const std::string& order) const {
    const auto table = read_table(answer_path(order));
    const auto ending = table ? (*table)["ending"].value<std::int64_t>() : std::nullopt;
    if (!ending || *ending < 0 || *ending > static_cast<std::int64_t>(Ending::Later)) {
        return std::nullopt;
    }
    const auto age =
        now_since_boot() - std::chrono::milliseconds((*table)["when"].value_or(std::int64_t{0}));
    if (age.count() < 0 || age > answer_kept) {
        return std::nullopt;
    }
    return Answer{static_cast<Ending>(*ending), string_at(*table, "said"),
                  strings_at(*table, "complaints")};
}

void State::forget_marks(Mark mark, const std::string& guest) const {
    for (const std::string& instance : files_in(folder_ + mark_folder(mark))) {
        const auto table = read_table(mark_path(mark, instance));
        if (!table || string_at(*table, "text") == guest) {
            (void)remove_mark(mark, instance);
        }
    }
}

Result<> State::pause(const std::string& guest) const {
    return write_file(pause_path(guest), "");
}

Result<> State::resume(const std::string& guest) const {
    return remove_file(pause_path(guest));
}

Result<> State::fall_asleep() const {
    return write_file(asleep_path(), "");
}

Result<> State::wake_up() const {
    return remove_file(asleep_path());
}

bool State::is_paused(const std::string& guest) const {
    std::error_code error;
    return std::filesystem::exists(asleep_path(), error) ||
           std::filesystem::exists(pause_path(guest), error);
}

} // namespace usb_hotplug
