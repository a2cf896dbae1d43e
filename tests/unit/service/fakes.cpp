// SPDX-License-Identifier: LGPL-2.1-or-later

#include "service/fakes.h"

#include "base/text.h"
#include "host/systemd.h"

namespace usb_hotplug {

using test::fakes;

Result<Systemd> Systemd::open() {
    if (!fakes().bus_answers) {
        return fail("Cannot connect to the system bus: fake");
    }
    return Systemd(Bus());
}

Result<bool> Systemd::is_on(const std::string& unit) const {
    return fakes().units_on.contains(unit);
}

Result<UnitState> Systemd::state(const std::string& unit) const {
    const auto found = fakes().units_active.find(unit);
    return UnitState{unit, found == fakes().units_active.end() ? "inactive" : found->second};
}

Result<std::string> Systemd::status_text(const std::string& /*unit*/) const {
    return std::string();
}

Result<UnitFile> Systemd::file(const std::string& unit) const {
    const auto found = fakes().units_files.find(unit);
    return found == fakes().units_files.end() ? UnitFile{"loaded"} : found->second;
}

Result<std::vector<UnitState>> Systemd::list(const std::string& pattern) const {
    std::vector<UnitState> found;
    for (const auto& [unit, active] : fakes().units_active) {
        if (glob_matches(pattern, unit)) {
            found.push_back({unit, active});
        }
    }
    return found;
}

void Systemd::reset_failed(const std::string& unit) const {
    fakes().units_forgotten.push_back(unit);
}

Result<> Systemd::enqueue(UnitVerb /*verb*/, const std::string& unit) const {
    fakes().units_reloaded.push_back(unit);
    return {};
}

Result<std::vector<JobResult>> Systemd::run(UnitVerb verb, const std::vector<std::string>& units,
                                            std::chrono::seconds /*limit*/) const {
    std::vector<JobResult> results;
    for (const std::string& unit : units) {
        if (fakes().job) {
            fakes().job(verb, unit);
        }
        results.push_back({(*state(unit)).active == "failed" ? "failed" : "done"});
    }
    return results;
}

namespace {

class FakeBackend : public Backend {
public:
    Result<GuestState> state() override { return fakes().guest; }
    Result<AttachOutcome> attach(const Attachment& attachment) override {
        fakes().attached.push_back(attachment);
        return fakes().attach();
    }
    Result<DetachOutcome> detach(const std::string& alias,
                                 std::chrono::seconds /*limit*/) override {
        fakes().detached.push_back(alias);
        return fakes().detach();
    }
    Result<> cut_off(const std::string& alias) override {
        fakes().cut_off.push_back(alias);
        return {};
    }
    Result<std::vector<std::string>> attached() override { return std::vector<std::string>(); }
    Result<std::optional<GuestPorts>> ports() override { return fakes().ports; }
    Result<> watch(std::function<void(GuestEvent)> /*callback*/) override { return {}; }
};

} // namespace

Result<std::unique_ptr<Backend>> open_backend(const GuestAddress& address) {
    fakes().connected.push_back(address.domain);
    if (!fakes().hypervisor_answers) {
        return fail("Cannot reach " + address.target + ": fake");
    }
    return std::unique_ptr<Backend>(std::make_unique<FakeBackend>());
}

namespace test {

Fakes& fakes() {
    static Fakes all;
    return all;
}

Fakes& fresh() {
    fakes() = Fakes();
    fakes().attach = [] { return AttachOutcome{AttachOutcome::Attached, ""}; };
    fakes().detach = [] { return DetachOutcome::Detached; };
    return fakes();
}

} // namespace test

} // namespace usb_hotplug
