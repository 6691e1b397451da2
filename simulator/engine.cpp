// SPDX-License-Identifier: Apache-2.0
#include "simulator/engine.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Engine::Engine(const Cluster& initial, const EngineOptions& options, std::vector<Observer*> observers)
    : inventory_(initial.shared_inventory()),
      options_(options),
      observers_(std::move(observers)),
      hosts_(initial.host_count()),
      vms_(initial.vm_count()) {
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
        const HostId id(h);
        HostNow& host = hosts_[h];
        host.power = initial.state(id).power;
        BALLAST_CHECK(host.power == PowerState::on || host.power == PowerState::asleep, "no host starts in transition");
        host.usable_mhz = initial.usable(id).cpu_mhz();
        host.usable_memory_bytes = initial.usable(id).memory_bytes();
    }
    for (std::size_t v = 0; v < vms_.size(); ++v) {
        const VmState& state = initial.state(VmId(v));
        vms_[v].host = state.host;
        vms_[v].demand_mhz = state.demand.cpu_mhz();
        vms_[v].memory_bytes = initial.spec(VmId(v)).memory_bytes;
        HostNow& host = hosts_[state.host.index()];
        BALLAST_CHECK(host.power == PowerState::on, "a VM starts on a host that is on");
        host.vms.emplace_back(v);
        host.memory_bytes += vms_[v].memory_bytes;
    }
    for (std::size_t h = 0; h < hosts_.size(); ++h) recompute(HostId(h));
}

bool Engine::empty(HostId host) const {
    const HostNow& now = hosts_[host.index()];
    return now.vms.empty() && now.arriving.empty();
}

bool Engine::can_receive(HostId host, VmId vm) const {
    const HostNow& now = hosts_[host.index()];
    return now.power == PowerState::on &&
           fits(Resource::memory, now.memory_bytes + vms_[vm.index()].memory_bytes, now.usable_memory_bytes);
}

void Engine::set_demands(std::span<const double> mhz) {
    BALLAST_CHECK(mhz.size() == vms_.size(), "one demand per VM");
    for (std::size_t h = 0; h < hosts_.size(); ++h) report(HostId(h));
    for (std::size_t v = 0; v < vms_.size(); ++v) vms_[v].demand_mhz = mhz[v];
    for (std::size_t h = 0; h < hosts_.size(); ++h) recompute(HostId(h));
}

void Engine::start_migration(VmId vm, HostId to) {
    VmNow& now = vms_[vm.index()];
    BALLAST_CHECK(!migrating(vm) && to != now.host, "a VM makes one migration at a time, to another host");
    BALLAST_CHECK(can_receive(to, vm), "the destination of a migration is on and has the memory");
    for (const HostId host : {now.host, to}) {
        report(host);
        ++hosts_[host.index()].migrations;
    }
    now.destination = to;
    now.cost = migration_cost(options_.migration, now.memory_bytes);
    hosts_[to.index()].arriving.push_back(vm);
    hosts_[to.index()].memory_bytes += now.memory_bytes;
    schedule(now.cost.duration_s - now.cost.downtime_s, EventKind::vm_stops, vm.index());
    schedule(now.cost.duration_s, EventKind::vm_arrives, vm.index());
    recompute(now.host);
    recompute(to);
    tell([&](Observer& o) { o.on_migration_start({vm, now.host, to, now_s_, now.cost}); });
}

void Engine::start_waking(HostId host) {
    BALLAST_CHECK(power(host) == PowerState::asleep, "only a sleeping host wakes up");
    const auto& model = inventory_->hosts()[host.index()].power;
    BALLAST_CHECK(model.has_value(), "a host that wakes up has a power model");
    change_power(host, PowerState::waking);
    schedule(model->boot_s, EventKind::host_changes, host.index());
}

void Engine::start_sleeping(HostId host) {
    BALLAST_CHECK(power(host) == PowerState::on && empty(host), "only an empty host that is on goes to sleep");
    const auto& model = inventory_->hosts()[host.index()].power;
    BALLAST_CHECK(model.has_value(), "a host that goes to sleep has a power model");
    change_power(host, PowerState::going_to_sleep);
    schedule(model->suspend_s, EventKind::host_changes, host.index());
}

bool Engine::advance(double until_s) {
    BALLAST_CHECK(until_s >= now_s_, "time does not go back");
    if (events_.empty() || events_.top().time_s > until_s) {
        now_s_ = until_s;
        return false;
    }
    now_s_ = events_.top().time_s;
    while (!events_.empty() && events_.top().time_s == now_s_) {
        const Event event = events_.top();
        events_.pop();
        handle(event);
    }
    return true;
}

void Engine::end_interval() {
    for (std::size_t h = 0; h < hosts_.size(); ++h) report(HostId(h));
    tell([](Observer& o) { o.on_interval_end(); });
}

void Engine::report(HostId id) {
    HostNow& host = hosts_[id.index()];
    const double duration_s = now_s_ - host.since_s;
    if (duration_s <= 0.0) return;
    host.since_s = now_s_;
    const double given_mhz = host.share < 1.0 ? host.usable_mhz : host.asked_mhz;
    const double capacity_mhz = inventory_->hosts()[id.index()].capacity.cpu_mhz();
    const HostStretch stretch{id, duration_s, host.power, host.asked_mhz, given_mhz, host.usable_mhz, capacity_mhz};
    tell([&](Observer& o) { o.on_host(stretch); });
    for (const VmId vm : host.vms) {
        const VmNow& now = vms_[vm.index()];
        const double part = !now.destination.valid() ? 1.0 : now.stopped ? 0.0 : 1.0 - options_.migration_cpu_fraction;
        const VmStretch served{vm,
                               id,
                               duration_s,
                               now.demand_mhz,
                               now.demand_mhz * host.share * part,
                               now.destination.valid(),
                               host.share < 1.0};
        tell([&](Observer& o) { o.on_vm(served); });
    }
}

void Engine::recompute(HostId id) {
    HostNow& host = hosts_[id.index()];
    double asked_mhz = 0.0;
    for (const VmId vm : host.vms) {
        if (!vms_[vm.index()].stopped) asked_mhz += vms_[vm.index()].demand_mhz;
    }
    for (const VmId vm : host.arriving) {
        if (!vms_[vm.index()].stopped) asked_mhz += vms_[vm.index()].demand_mhz * options_.migration_cpu_fraction;
    }
    host.asked_mhz = asked_mhz;
    host.share = fits(Resource::cpu, asked_mhz, host.usable_mhz) ? 1.0 : host.usable_mhz / asked_mhz;
}

void Engine::schedule(double delay_s, EventKind kind, std::size_t index) {
    events_.push(Event{now_s_ + delay_s, scheduled_++, kind, index});
}

void Engine::handle(const Event& event) {
    switch (event.kind) {
        case EventKind::vm_stops: {
            VmNow& vm = vms_[event.index];
            report(vm.host);
            report(vm.destination);
            vm.stopped = true;
            recompute(vm.host);
            recompute(vm.destination);
            return;
        }
        case EventKind::vm_arrives: arrive(VmId(event.index)); return;
        case EventKind::host_changes: {
            const bool wakes = hosts_[event.index].power == PowerState::waking;
            change_power(HostId(event.index), wakes ? PowerState::on : PowerState::asleep);
            return;
        }
    }
}

void Engine::arrive(VmId vm) {
    VmNow& now = vms_[vm.index()];
    const HostId from = now.host;
    const HostId to = now.destination;
    report(from);
    report(to);
    HostNow& source = hosts_[from.index()];
    HostNow& destination = hosts_[to.index()];
    --source.migrations;
    --destination.migrations;
    source.memory_bytes -= now.memory_bytes;
    std::erase(source.vms, vm);
    std::erase(destination.arriving, vm);
    destination.vms.push_back(vm);
    now.host = to;
    now.destination = HostId();
    now.stopped = false;
    recompute(from);
    recompute(to);
    tell([&](Observer& o) { o.on_migration_end({vm, from, to, now_s_ - now.cost.duration_s, now.cost}); });
}

void Engine::change_power(HostId host, PowerState to) {
    report(host);
    const PowerState from = std::exchange(hosts_[host.index()].power, to);
    tell([&](Observer& o) { o.on_power(host, from, to); });
}

}  // namespace ballast
