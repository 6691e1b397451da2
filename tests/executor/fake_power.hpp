// SPDX-License-Identifier: Apache-2.0
// A way to switch the hosts of the fake world, with all that can go wrong with it (FakePower). Giving a command is a
// point at which the process may die: before it and after.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/ports/power.hpp"
#include "core/ports/power_journal.hpp"
#include "tests/executor/fake_hypervisor.hpp"

namespace ballast::test {

class FakePowerControl final : public PowerControl {
  public:
    explicit FakePowerControl(std::shared_ptr<World> world) : world_(std::move(world)) {}

    bool wake_vouched = true;
    std::string no_method_for;  // a host

    std::optional<PowerMethod> method(const std::string& host) const override {
        if (host == no_method_for) return std::nullopt;
        return PowerMethod{"fake " + host, wake_vouched};
    }
    Status sleep(const std::string& host) override {
        world_->point();
        FakePower& power = of(host);
        ++power.sleeps;
        if (power.refuses_sleep) return fail(ErrorKind::failed, "not supported in present state");
        if (!power.ignores_sleep) power.looks_until_asleep = power.takes_looks;
        world_->point();
        if (power.sleeps_with_error) return fail(ErrorKind::unreachable, "connection closed");
        return {};
    }
    Status wake(const std::string& host) override {
        world_->point();
        FakePower& power = of(host);
        ++power.wakes;
        if (power.wakes_refused > 0 && power.wakes_refused-- > 0) return fail(ErrorKind::failed, "no session");
        const bool ignored = power.wakes_ignored > 0 && power.wakes_ignored-- > 0;
        if (!ignored && power.asleep) power.looks_until_awake = power.takes_looks;
        world_->point();
        return {};
    }
    Result<PowerSight> look(const std::string& host) override {
        const FakePower& power = of(host);
        if (power.control_silent) return fail(ErrorKind::unreachable, "the BMC does not answer");
        if (power.control_blind) return PowerSight::unknown;
        return power.asleep ? PowerSight::asleep : PowerSight::on;
    }

  private:
    FakePower& of(const std::string& host) { return world_->power[static_cast<std::size_t>(host.at(1) - '1')]; }

    std::shared_ptr<World> world_;
};

// A journal whose writes about power are points at which the process may die: before and after each.
class MortalPowerJournal final : public PowerJournal {
  public:
    MortalPowerJournal(PowerJournal& journal, World& world) : journal_(journal), world_(world) {}

    Result<std::int64_t> open_switch(const SwitchRecord& record) override {
        world_.point();
        auto result = journal_.open_switch(record);
        world_.point();
        return result;
    }
    Status update_switch(const SwitchRecord& record) override {
        world_.point();
        auto result = journal_.update_switch(record);
        world_.point();
        return result;
    }
    Result<std::vector<SwitchRecord>> open_switches() override { return journal_.open_switches(); }
    Result<std::vector<SwitchRecord>> recent_switches(int limit) override { return journal_.recent_switches(limit); }
    Result<std::vector<PowerPast>> power_pasts() override { return journal_.power_pasts(); }
    Result<std::vector<JournalSwitch>> past_switches(double now, double window) override {
        return journal_.past_switches(now, window);
    }
    Result<bool> clear_quarantine(const std::string& host, double now) override {
        return journal_.clear_quarantine(host, now);
    }
    Result<std::string> sleep_objection(const std::string& host) override { return journal_.sleep_objection(host); }

  private:
    PowerJournal& journal_;
    World& world_;
};

}  // namespace ballast::test
