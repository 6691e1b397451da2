// SPDX-License-Identifier: Apache-2.0
#include "scheduler/problem/problem.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Cost to_cost(double units) {
    constexpr double units_max = 9e12;
    BALLAST_CHECK(std::abs(units) <= units_max, "a cost is a number of moderate size");
    return static_cast<Cost>(std::llround(units * 1e6));
}

Problem::Problem(const PolicyInput& input, std::size_t window_samples, const StabilityOptions& stability,
                 const PressureLevels& pressure, const ResourceVector& weights)
    : input_(input),
      window_(input.cluster, input.history, window_samples),
      stability_(input.cluster, input.history, stability),
      pressure_(input.cluster, input.history, pressure),
      units_(input.cluster),
      placement_(input.cluster, window_, weights),
      feasibility_(input.cluster, placement_, units_, &stability_, &pressure_) {}

JointLoad& Problem::plan_jointly(double z, bool looks_ahead) {
    BALLAST_CHECK(!joint_ && records_.empty(), "joint loads are kept from the begin");
    return joint_.emplace(input_.cluster, input_.history, z, looks_ahead);
}

JointLoad& Problem::joint() {
    BALLAST_CHECK(joint_.has_value(), "joint loads are asked for where they are kept");
    return *joint_;
}

std::vector<UnitId> Problem::units_on(HostId host) const {
    std::vector<UnitId> result = ballast::units_on(input_.cluster, units_, host);
    std::erase_if(result, [&](UnitId unit) { return host_of(unit) != host; });
    for (const Placement::Record& record : records_) {
        const UnitId unit = units_.unit_of(record.vm);
        if (record.to == host && units_.members(unit).front() == record.vm && host_of(unit) == host) {
            result.push_back(unit);
        }
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

std::optional<Problem::Block> Problem::blocked(UnitId unit, Urgency urgency) const {
    for (const VmId vm : units_.members(unit)) {
        if (auto refused = feasibility_.leaving(vm)) return Block{vm, *refused};
    }
    for (const VmId vm : units_.members(unit)) {
        if (auto rest = stability_.resting(vm, urgency)) return Block{vm, *rest};
    }
    return std::nullopt;
}

bool Problem::allows(std::span<const Shift> change, const Level& level) {
    constexpr std::size_t shifts_max = 3;
    BALLAST_CHECK(change.size() <= shifts_max, "a change is small");
    for (std::size_t last = 0; last < change.size(); ++last) {
        const std::size_t before = mark();
        for (std::size_t s = 0; s < change.size(); ++s) {
            if (s != last) apply(change[s]);
        }
        const bool refused = feasibility_.arriving(change[last].unit, change[last].to, level).has_value();
        undo(before);
        if (refused) return false;
    }
    return true;
}

void Problem::let_soft_rules_hold(bool hold) {
    feasibility_.let_soft_rules_hold(hold);
    AffinityUnits units(cluster(), hold ? AffinityUnits::Bindings::all : AffinityUnits::Bindings::hard);
    const bool torn = std::any_of(records_.begin(), records_.end(), [&](const Placement::Record& record) {
        const auto members = units.members(units.unit_of(record.vm));
        return std::any_of(members.begin(), members.end(), [&](VmId vm) { return !placement_.moved(vm); });
    });
    if (!torn) units_ = std::move(units);
}

Problem::GoalId Problem::add(std::unique_ptr<Goal> goal, double weight) {
    BALLAST_CHECK(records_.empty() && weight >= 0.0, "goals come first, and are not turned round");
    terms_.push_back({std::move(goal), weight, {}});
    added_.push_back(0);
    known_.assign(cluster().host_count(), 0);
    host_costs_.assign(cluster().host_count() * terms_.size(), 0);
    return GoalId(terms_.size() - 1);
}

void Problem::know(HostId host) {
    if (known_[host.index()] == 0) refresh(host);
}

void Problem::refresh(HostId host) {
    for (std::size_t g = 0; g < terms_.size(); ++g) {
        host_costs_[host.index() * terms_.size() + g] = to_cost(terms_[g].weight * terms_[g].goal->of_host(host));
    }
    known_[host.index()] = 1;
}

Cost Problem::of_host(HostId host) {
    if (terms_.empty()) return 0;
    know(host);
    const auto first = host_costs_.begin() + static_cast<std::ptrdiff_t>(host.index() * terms_.size());
    return std::accumulate(first, first + static_cast<std::ptrdiff_t>(terms_.size()), Cost{0});
}

Cost Problem::of_host(GoalId goal, HostId host) {
    know(host);
    return host_costs_[host.index() * terms_.size() + goal.index()];
}

Cost Problem::value(GoalId goal) {
    Term& term = terms_[goal.index()];
    if (!term.start) {
        Cost now = 0;
        for (std::size_t h = 0; h < cluster().host_count(); ++h) {
            know(HostId(h));
            now += host_costs_[h * terms_.size() + goal.index()];
        }
        for (std::size_t v = 0; v < cluster().vm_count(); ++v) {
            now += to_cost(term.weight * term.goal->of_vm(VmId(v)));
        }
        for (std::size_t r = 0; r < cluster().inventory().rules().size(); ++r) {
            now += to_cost(term.weight * term.goal->of_rule(RuleId(r)));
        }
        term.start = now - added_[goal.index()];
    }
    return *term.start + added_[goal.index()];
}

Cost Problem::value() {
    Cost sum = 0;
    for (std::size_t g = 0; g < terms_.size(); ++g) sum += value(GoalId(g));
    return sum;
}

Cost Problem::added() const { return std::accumulate(added_.begin(), added_.end(), Cost{0}); }

Cost Problem::delta(std::span<const Shift> change) {
    const std::size_t before = mark();
    const Cost was = added();
    for (const Shift& shift : change) apply(shift);
    const Cost difference = added() - was;
    undo(before);
    return difference;
}

// Adds or takes off what these VMs and their rules cost where they are.
void Problem::look_at(std::span<const VmId> members, Cost sign) {
    rules_.clear();
    for (const VmId vm : members) {
        const auto rules = cluster().inventory().rules_of(vm);
        rules_.insert(rules_.end(), rules.begin(), rules.end());
    }
    std::sort(rules_.begin(), rules_.end());
    rules_.erase(std::unique(rules_.begin(), rules_.end()), rules_.end());
    for (std::size_t g = 0; g < terms_.size(); ++g) {
        Cost cost = 0;
        for (const VmId vm : members) cost += to_cost(terms_[g].weight * terms_[g].goal->of_vm(vm));
        for (const RuleId rule : rules_) cost += to_cost(terms_[g].weight * terms_[g].goal->of_rule(rule));
        added_[g] += sign * cost;
    }
}

// What hosts cost before a step: kept for the way back, and taken off.
void Problem::save(HostId host) {
    know(host);
    for (std::size_t g = 0; g < terms_.size(); ++g) {
        const Cost cost = host_costs_[host.index() * terms_.size() + g];
        saved_.push_back(cost);
        added_[g] -= cost;
    }
}

void Problem::restore(HostId host) {
    for (std::size_t g = terms_.size(); g-- > 0;) {
        host_costs_[host.index() * terms_.size() + g] = saved_.back();
        saved_.pop_back();
    }
}

void Problem::apply(const Shift& shift) {
    const auto members = units_.members(shift.unit);
    const Step step{host_of(shift.unit), shift.to, records_.size(), joint_ ? joint_->mark() : 0};
    if (!terms_.empty()) {
        saved_.insert(saved_.end(), added_.begin(), added_.end());
        save(step.from);
        save(step.to);
        look_at(members, -1);
    }
    for (const VmId vm : members) {
        records_.push_back(placement_.move(vm, shift.to));
        if (joint_) joint_->move(vm, step.from, step.to);
    }
    steps_.push_back(step);
    if (terms_.empty()) return;
    look_at(members, 1);
    for (const HostId host : {step.from, step.to}) {
        refresh(host);
        for (std::size_t g = 0; g < terms_.size(); ++g) added_[g] += host_costs_[host.index() * terms_.size() + g];
    }
}

void Problem::undo(std::size_t mark) {
    while (records_.size() > mark) {
        const Step& step = steps_.back();
        BALLAST_CHECK(step.records >= mark, "a unit is shifted as a whole and undone as a whole");
        while (records_.size() > step.records) {
            placement_.undo(records_.back());
            records_.pop_back();
        }
        if (joint_) joint_->rollback(step.joint);
        if (!terms_.empty()) {
            restore(step.to);
            restore(step.from);
            for (std::size_t g = terms_.size(); g-- > 0;) {
                added_[g] = saved_.back();
                saved_.pop_back();
            }
        }
        steps_.pop_back();
    }
}

}  // namespace ballast
