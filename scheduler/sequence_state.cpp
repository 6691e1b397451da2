// SPDX-License-Identifier: Apache-2.0
#include "scheduler/sequence_state.hpp"

#include <algorithm>
#include <utility>

namespace ballast {

namespace {

// The anti-affinity rules that a move of `vm` concerns: those by which it comes into another domain.
std::vector<const Rule*> rules_entered(const Cluster& cluster, VmId vm, HostId from, HostId to) {
    const Inventory& inventory = cluster.inventory();
    std::vector<const Rule*> rules;
    for (const RuleId id : inventory.rules_of(vm)) {
        const Rule& rule = cluster.rule(id);
        if (rule.kind != RuleKind::anti_affinity || rule.soft()) continue;
        if (inventory.domain(from, rule.per) != inventory.domain(to, rule.per)) rules.push_back(&rule);
    }
    return rules;
}

}  // namespace

SequenceState::SequenceState(const Cluster& cluster) : cluster_(cluster), placement_(cluster) {}

const SequenceState::HostLog& SequenceState::log_of(HostId host) const {
    static const HostLog nothing;
    const auto log = hosts_.find(host);
    return log == hosts_.end() ? nothing : log->second;
}

Load SequenceState::load_of(VmId vm) const {
    return {placement_.need(vm), static_cast<std::int64_t>(cluster_.inventory().vcpus(vm))};
}

bool SequenceState::within(const Load& use, HostId host) const {
    const std::uint64_t vcpus_max = cluster_.inventory().vcpus_max(host);
    if (vcpus_max != no_vcpu_limit && use.vcpus > static_cast<std::int64_t>(vcpus_max)) return false;
    return std::all_of(all_resources.begin(), all_resources.end(),
                       [&](Resource r) { return fits(r, use.resources[r], placement_.usable(host)[r]); });
}

bool SequenceState::in_domain(HostId host, const Rule& rule, HostId of) const {
    return cluster_.inventory().domain(host, rule.per) == cluster_.inventory().domain(of, rule.per);
}

bool SequenceState::can_arrive(VmId vm, HostId to, VmId without) const {
    const std::vector<const Rule*> rules = rules_entered(cluster_, vm, placement_.host_of(vm), to);
    const bool kept_apart = std::any_of(rules.begin(), rules.end(), [&](const Rule* rule) {
        const auto others = std::count_if(rule->vms.begin(), rule->vms.end(), [&](VmId other) {
            return other != vm && other != without && in_domain(placement_.host_of(other), *rule, to);
        });
        return others >= static_cast<std::ptrdiff_t>(rule->at_most);
    });
    Load use = Load{placement_.used(to), static_cast<std::int64_t>(placement_.vcpus(to))} + load_of(vm);
    if (without.valid()) use -= load_of(without);
    return !kept_apart && within(use, to);
}

bool SequenceState::has(const std::vector<std::uint64_t>& bits, ActionId action) {
    const std::size_t word = action.index() / 64;
    return word < bits.size() && ((bits[word] >> (action.index() % 64)) & 1U) != 0;
}

void SequenceState::add(Predecessors& before, ActionId action) const {
    if (has(before.bits, action)) return;
    before.direct.push_back(action);
    const std::vector<std::uint64_t>& theirs = predecessors_[action.index()];
    before.bits.resize(actions_.size() / 64 + 1);
    for (std::size_t w = 0; w < theirs.size(); ++w) before.bits[w] |= theirs[w];
    before.bits[action.index() / 64] |= std::uint64_t{1} << (action.index() % 64);
}

// Initial use, all arrivals so far and `more`, less the departures among the predecessors.
Load SequenceState::use_given(const Predecessors& before, HostId host, const Load& more) const {
    const HostLog& log = log_of(host);
    Load use = Load{cluster_.used(host), static_cast<std::int64_t>(cluster_.vcpus_on(host))} + more;
    for (const Arrival& arrival : log.arrivals) use += load_of(actions_[arrival.action.index()].vm);
    for (const ActionId departure : log.departures) {
        if (has(before.bits, departure)) use -= load_of(actions_[departure.index()].vm);
    }
    return use;
}

// Once more VMs of the rule have a stay in the domain than may be there at a time, who comes waits for all that came
// and left before: then only those count that are there now, and no earlier arrival's bound counts this one.
void SequenceState::add_moves_to_wait_for(Predecessors& before, const Rule& rule, VmId vm, HostId to) const {
    std::vector<ActionId> moves;  // to, from and within the domain
    std::size_t vms = 1;
    for (const VmId other : rule.vms) {
        if (other == vm) continue;
        bool was_there = in_domain(placement_.host_of(other), rule, to);
        if (const auto stops = stops_.find(other); stops != stops_.end()) {
            for (const Stop& stop : stops->second) {
                const bool from_here = in_domain(stop.host, rule, to);
                was_there = was_there || from_here;
                if (from_here || in_domain(actions_[stop.departure.index()].host, rule, to)) {
                    moves.push_back(stop.departure);
                }
            }
        }
        vms += was_there ? 1U : 0U;
    }
    if (vms <= rule.at_most) return;
    for (const ActionId move : moves) add(before, move);
}

// Earliest departures first until there is room; then without those that turned out unnecessary.
void SequenceState::add_departures_needed(Predecessors& before, VmId vm, HostId to) const {
    const Load need = load_of(vm);
    Predecessors enough = before;
    std::vector<ActionId> added;
    for (const ActionId departure : log_of(to).departures) {
        if (within(use_given(enough, to, need), to)) break;
        if (has(enough.bits, departure)) continue;
        add(enough, departure);
        added.push_back(departure);
    }
    for (std::size_t i = 0; i < added.size();) {
        Predecessors fewer = before;
        for (std::size_t j = 0; j < added.size(); ++j) {
            if (j != i) add(fewer, added[j]);
        }
        if (within(use_given(fewer, to, need), to)) {
            added.erase(added.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    for (const ActionId departure : added) add(before, departure);
}

void SequenceState::append(Action action, const Predecessors& before) {
    // Transitive reduction: what another predecessor waits for anyway need not be named.
    std::vector<ActionId> direct = before.direct;
    std::sort(direct.begin(), direct.end());
    std::erase_if(direct, [&](ActionId candidate) {
        return std::any_of(before.direct.begin(), before.direct.end(), [&](ActionId other) {
            return other != candidate && has(predecessors_[other.index()], candidate);
        });
    });
    action.after = std::move(direct);
    actions_.push_back(std::move(action));
    predecessors_.push_back(before.bits);
}

void SequenceState::append_migration(VmId vm, HostId to, const Reason& reason, const MigrationCost& cost) {
    Predecessors before;
    HostLog& log = hosts_[to];
    if (const auto stops = stops_.find(vm); stops != stops_.end()) add(before, stops->second.back().departure);
    if (log.power_on.valid()) add(before, log.power_on);
    for (const Rule* rule : rules_entered(cluster_, vm, placement_.host_of(vm), to)) {
        add_moves_to_wait_for(before, *rule, vm, to);
    }
    add_departures_needed(before, vm, to);

    // Arrivals made earlier must hold with this one beside them; where they do not, this one waits for them.
    const Load need = load_of(vm);
    for (const Arrival& arrival : log.arrivals) {
        if (!has(before.bits, arrival.action) && !within(arrival.use + need, to)) add(before, arrival.action);
    }
    for (Arrival& arrival : log.arrivals) {
        if (!has(before.bits, arrival.action)) arrival.use += need;
    }

    const ActionId id(actions_.size());
    const HostId from = placement_.host_of(vm);
    const Load use = use_given(before, to, need);
    Action action;
    action.kind = ActionKind::migrate;
    action.vm = vm;
    action.from = from;
    action.host = to;
    action.reason = reason;
    action.cost = cost;
    append(std::move(action), before);
    log.arrivals.push_back({id, use});
    hosts_[from].departures.push_back(id);
    stops_[vm].push_back({from, id});
    placement_.move(vm, to);
}

void SequenceState::append_power_on(HostId host, const Reason& reason) {
    Action action;
    action.kind = ActionKind::power_on;
    action.host = host;
    action.reason = reason;
    hosts_[host].power_on = ActionId(actions_.size());
    append(std::move(action), {});
}

void SequenceState::append_power_off(HostId host, const Reason& reason) {
    Predecessors before;
    const HostLog& log = log_of(host);
    for (const ActionId departure : log.departures) add(before, departure);
    for (const Arrival& arrival : log.arrivals) add(before, arrival.action);
    Action action;
    action.kind = ActionKind::power_off;
    action.host = host;
    action.reason = reason;
    append(std::move(action), before);
}

}  // namespace ballast
