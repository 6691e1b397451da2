// SPDX-License-Identifier: Apache-2.0
#include "simulator/snapshot_maker.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "metrics/outlook_maker.hpp"

namespace ballast {

SnapshotMaker::SnapshotMaker(const Workload& start, std::size_t samples_max, double period_s, double length_s)
    : samples_max_(samples_max),
      period_s_(period_s),
      host_states_(start.host_states),
      rules_(start.rules, start.start_unix_s, start.known_vms) {
    if (samples_max == 0) return;
    history_ = History(start.configured_mhz.size(), samples_max, period_s);
    if (length_s > History::day_s) weeks_.resize(start.configured_mhz.size());
}

void SnapshotMaker::push(std::span<const double> mhz, const Engine& engine) {
    if (samples_max_ == 0) return;
    for (std::size_t v = 0; v < weeks_.size(); ++v) {
        if (engine.runs(VmId(v))) weeks_[v].add(rules_.unix_time_s(engine.now_s()), mhz[v]);
    }
    if (engine.running_count() == mhz.size()) {
        history_.push(mhz);
        return;
    }
    row_.assign(mhz.begin(), mhz.end());
    for (std::size_t v = 0; v < row_.size(); ++v) {
        if (!engine.runs(VmId(v))) row_[v] = std::numeric_limits<double>::quiet_NaN();
    }
    history_.push(row_);
}

void SnapshotMaker::on_migration_end(const Migration& migration) {
    if (samples_max_ == 0) return;
    const double end_s = migration.started_s + migration.cost.duration_s;
    history_.add(PastMove{migration.vm, end_s, migration.from, migration.to, false, false});
}

void SnapshotMaker::on_migration_abort(const Migration& migration) {
    if (samples_max_ == 0) return;
    history_.add(PastMove{migration.vm, migration.started_s, migration.from, migration.to, true, false});
}

void SnapshotMaker::on_power(HostId host, PowerState, PowerState to, double now_s) {
    const bool sleeps = to == PowerState::going_to_sleep;
    if (samples_max_ > 0 && (sleeps || to == PowerState::waking)) history_.add(PastSwitch{host, now_s, sleeps});
}

Result<Snapshot> SnapshotMaker::make(const Engine& engine, const Demands& demands) {
    const bool turned = rules_.has_turned(engine.now_s());
    rules_turned_ |= turned;
    if (!inventory_ || turned || population_ != engine.population()) {
        choose_vms(engine);
        inventory_ = all(engine) && !rules_turned_ ? engine.shared_inventory() : nullptr;
        population_ = engine.population();
    }
    Result<Cluster> cluster = make_cluster(engine, state_of(engine, demands));
    if (!cluster) return tl::unexpected(cluster.error());
    Snapshot snapshot;
    snapshot.unix_time_s = rules_.unix_time_s(engine.now_s());
    snapshot.cluster = std::move(*cluster);
    snapshot.history = history_of(engine);
    for (std::size_t h = 0; h < engine.inventory().hosts().size(); ++h) {
        if (!engine.failed(HostId(h))) continue;
        snapshot.problems.push_back({engine.inventory().hosts()[h].name, "has failed; it is being repaired"});
    }
    return snapshot;
}

void SnapshotMaker::choose_vms(const Engine& engine) {
    vms_.clear();
    vms_.reserve(engine.running_count());
    for (std::size_t v = 0; v < engine.inventory().vms().size(); ++v) {
        if (engine.runs(VmId(v))) vms_.emplace_back(v);
    }
}

ClusterState SnapshotMaker::state_of(const Engine& engine, const Demands& demands) const {
    ClusterState state;
    state.hosts.resize(engine.inventory().hosts().size());
    state.vms.reserve(vms_.size());
    for (std::size_t h = 0; h < state.hosts.size(); ++h) {
        if (!host_states_.empty()) {
            state.hosts[h].maintenance = host_states_[h].maintenance;
            state.hosts[h].overhead = host_states_[h].overhead;
        }
        // Nobody knows whether a host that does not answer is on.
        state.hosts[h].reachable = !engine.failed(HostId(h));
        state.hosts[h].power = engine.failed(HostId(h)) ? PowerState::on : engine.power(HostId(h));
    }
    for (const VmId vm : vms_) {
        const double memory_bytes = engine.inventory().memory_bytes(vm);
        const ResourceVector demand = demands.of(vm, memory_bytes);
        const bool migrating = engine.migrating(vm);
        state.vms.push_back({engine.host_of(vm), demand, !migrating});
        if (!migrating) continue;
        ResourceVector footprint = demand;
        footprint[Resource::memory] = memory_bytes;
        state.hosts[engine.destination_of(vm).index()].overhead += footprint;
    }
    return state;
}

Result<Cluster> SnapshotMaker::make_cluster(const Engine& engine, ClusterState state) {
    if (inventory_) return Cluster::make(inventory_, std::move(state));
    const Inventory& whole = engine.inventory();
    ClusterBuilder builder;
    for (std::size_t h = 0; h < state.hosts.size(); ++h) builder.add_host(whole.hosts()[h], state.hosts[h]);
    for (std::size_t v = 0; v < vms_.size(); ++v) builder.add_vm(whole.vms()[vms_[v].index()], state.vms[v]);
    if (Status ok = add_rules(engine, builder); !ok) return tl::unexpected(ok.error());
    Result<Cluster> cluster = std::move(builder).build();
    if (cluster) inventory_ = cluster->shared_inventory();
    return cluster;
}

Status SnapshotMaker::add_rules(const Engine& engine, ClusterBuilder& builder) const {
    if (!rules_.has_rules()) return {};
    std::set<std::string> running;
    for (const VmId vm : vms_) running.insert(engine.inventory().vms()[vm.index()].name);
    Result<std::vector<RuleSpec>> rules = rules_.rules_for(running, engine.now_s());
    if (!rules) return tl::unexpected(rules.error());
    for (RuleSpec& rule : *rules) builder.add_rule(std::move(rule));
    builder.set_time(rules_.unix_time_s(engine.now_s()));
    return {};
}

History SnapshotMaker::history_of(const Engine& engine) const {
    if (samples_max_ == 0) return {};
    History history = history_;
    if (!all(engine)) {
        history = History(vms_.size(), samples_max_, period_s_);
        std::vector<double> row(vms_.size());
        for (std::size_t age = history_.sample_count(); age-- > 0;) {
            const std::span<const double> whole = history_.row(age);
            std::transform(vms_.begin(), vms_.end(), row.begin(), [&](VmId vm) { return whole[vm.index()]; });
            history.push(row);
        }
        for (std::size_t v = 0; v < vms_.size(); ++v) history.set_last_move(VmId(v), history_.last_move_s(vms_[v]));
        for (PastMove move : history_.moves()) {
            const auto found = std::lower_bound(vms_.begin(), vms_.end(), move.vm);
            if (found == vms_.end() || *found != move.vm) continue;
            move.vm = VmId(static_cast<std::size_t>(found - vms_.begin()));
            history.add(move);
        }
        for (const PastSwitch& change : history_.switches()) history.add(change);
    }
    history.set_now(engine.now_s());
    if (!weeks_.empty()) look_ahead(engine.now_s(), history);
    return history;
}

void SnapshotMaker::look_ahead(double now_s, History& history) const {
    std::vector<const WeekOfLoad*> weeks;
    weeks.reserve(vms_.size());
    for (const VmId vm : vms_) weeks.push_back(&weeks_[vm.index()]);
    const bool any = std::any_of(weeks.begin(), weeks.end(), [](const WeekOfLoad* w) { return w->knows_anything(); });
    if (any) history.set_outlook(make_outlook(weeks, rules_.unix_time_s(now_s)));
}

}  // namespace ballast
