// SPDX-License-Identifier: Apache-2.0
// The engine's events: migrations, power transitions, failures.
#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "simulator/engine.hpp"

namespace ballast {

void Engine::start_migration(VmId vm, HostId to) {
    BALLAST_CHECK(runs(vm) && !migrating(vm) && to != host_of(vm),
                  "a VM makes one migration at a time, to another host");
    BALLAST_CHECK(can_receive(to, vm), "the destination of a migration is on and has the memory");
    const HostId from = host_of(vm);
    const double memory_bytes = memory_bytes_[vm.index()];
    report(from);
    report(to);
    const Transfers::Slot slot = transfers_.start(now_s_, from, to, memory_bytes);
    if (slot == flights_.size()) flights_.emplace_back();
    flights_[slot] = Flight{vm, from, to, now_s_, false};
    flight_of_[vm.index()] = slot;
    ++migrating_;
    ++hosts_[from.index()].leaving;
    insert(arriving_[to.index()], vm);
    hosts_[to.index()].memory_bytes += memory_bytes;
    schedule_transfers();
    recompute(from);
    recompute(to);
    const Migration migration{vm, from, to, now_s_, migration_cost(options_.migration, memory_bytes)};
    tell([&](Observer& o) { o.on_migration_start(migration); });
}

void Engine::start_waking(HostId host) {
    BALLAST_CHECK(power(host) == PowerState::asleep && !failed(host), "only a sleeping host wakes up");
    const auto& model = inventory_->hosts()[host.index()].power;
    BALLAST_CHECK(model.has_value(), "a host that wakes up has a power model");
    change_power(host, PowerState::waking);
    schedule(now_s_ + model->boot_s, EventKind::power, static_cast<std::uint32_t>(host.index()),
             ++hosts_[host.index()].version);
}

void Engine::start_sleeping(HostId host) {
    BALLAST_CHECK(power(host) == PowerState::on && empty(host), "only an empty host that is on goes to sleep");
    const auto& model = inventory_->hosts()[host.index()].power;
    BALLAST_CHECK(model.has_value(), "a host that goes to sleep has a power model");
    change_power(host, PowerState::going_to_sleep);
    schedule(now_s_ + model->suspend_s, EventKind::power, static_cast<std::uint32_t>(host.index()),
             ++hosts_[host.index()].version);
}

bool Engine::advance(double until_s) {
    BALLAST_CHECK(until_s >= now_s_, "time does not go back");
    for (bool noteworthy = false; !noteworthy;) {
        while (!events_.empty() && !current(events_.top())) events_.pop();
        if (events_.empty() || events_.top().time_s > until_s) {
            now_s_ = until_s;
            return false;
        }
        now_s_ = events_.top().time_s;
        while (!events_.empty() && events_.top().time_s == now_s_) {
            const Event event = events_.top();
            events_.pop();
            if (current(event)) noteworthy = handle(event) || noteworthy;
        }
    }
    return true;
}

void Engine::schedule(double time_s, EventKind kind, std::uint32_t index, std::uint32_t version) {
    events_.push(Event{time_s, scheduled_++, kind, index, version});
}

void Engine::schedule_transfers() {
    for (const Transfers::Due& due : transfers_.due()) schedule(due.at_s, EventKind::transfer, due.slot, due.version);
    transfers_.clear_due();
}

void Engine::schedule_failure() {
    if (next_failure_ == failures_.size()) return;
    schedule(failures_[next_failure_].at_s, EventKind::failure, static_cast<std::uint32_t>(next_failure_));
    ++next_failure_;
}

bool Engine::current(const Event& event) const {
    switch (event.kind) {
        case EventKind::transfer: return transfers_.current(event.index, event.version);
        case EventKind::power:
        case EventKind::repair: return hosts_[event.index].version == event.version;
        case EventKind::failure:
        case EventKind::restart: return true;
    }
    return false;
}

bool Engine::handle(const Event& event) {
    switch (event.kind) {
        case EventKind::transfer: return advance_transfer(event.index);
        case EventKind::power: {
            const bool wakes = hosts_[event.index].power == PowerState::waking;
            change_power(HostId(event.index), wakes ? PowerState::on : PowerState::asleep);
            return true;
        }
        case EventKind::failure: {
            const HostFailure failure = failures_[event.index];
            schedule_failure();
            if (!failed(failure.host)) fail(failure.host, failure.repair_s);
            return true;
        }
        case EventKind::repair: repair(HostId(event.index)); return true;
        case EventKind::restart: return true;
    }
    return false;
}

bool Engine::advance_transfer(Transfers::Slot slot) {
    const Transfers::Step step = transfers_.advance(now_s_, slot);
    schedule_transfers();
    if (step == Transfers::Step::vm_stops) {
        Flight& flight = flights_[slot];
        report(flight.from);
        report(flight.to);
        flight.stopped = true;
        recompute(flight.from);
        recompute(flight.to);
    }
    if (step == Transfers::Step::arrived) arrive(slot);
    return step == Transfers::Step::arrived;
}

void Engine::arrive(Transfers::Slot slot) {
    const Flight flight = flights_[slot];
    const VmId vm = flight.vm;
    report(flight.from);
    report(flight.to);
    std::erase(vms_on_[flight.from.index()], vm);
    std::erase(arriving_[flight.to.index()], vm);
    insert(vms_on_[flight.to.index()], vm);
    --hosts_[flight.from.index()].leaving;
    hosts_[flight.from.index()].memory_bytes -= memory_bytes_[vm.index()];
    at_[vm.index()] = static_cast<std::uint32_t>(flight.to.index());
    flight_of_[vm.index()] = no_flight;
    --migrating_;
    recompute(flight.from);
    recompute(flight.to);
    const Migration migration{vm, flight.from, flight.to, flight.started_s, transfers_.cost(now_s_, slot)};
    tell([&](Observer& o) { o.on_migration_end(migration); });
}

void Engine::abort(VmId vm) {
    const Transfers::Slot slot = flight_of_[vm.index()];
    const Flight flight = flights_[slot];
    report(flight.from);
    report(flight.to);
    transfers_.cancel(now_s_, slot);
    schedule_transfers();
    std::erase(arriving_[flight.to.index()], vm);
    --hosts_[flight.from.index()].leaving;
    hosts_[flight.to.index()].memory_bytes -= memory_bytes_[vm.index()];
    flight_of_[vm.index()] = no_flight;
    --migrating_;
    recompute(flight.from);
    recompute(flight.to);
    const Migration migration{vm, flight.from, flight.to, flight.started_s, transfers_.cost(now_s_, slot)};
    tell([&](Observer& o) { o.on_migration_abort(migration); });
}

void Engine::fail(HostId id, double repair_s) {
    const std::vector<VmId> arriving = arriving_[id.index()];
    for (const VmId vm : arriving) abort(vm);
    const std::vector<VmId> lost = vms_on_[id.index()];
    for (const VmId vm : lost) {
        if (migrating(vm)) abort(vm);
    }
    report(id);
    HostNow& host = hosts_[id.index()];
    host.boots_after_repair = host.power == PowerState::on || host.power == PowerState::waking;
    host.failed = true;
    vms_on_[id.index()].clear();
    for (const VmId vm : lost) {
        take_off(vm, id);
        down_.push_back({vm, now_s_ + options_.restart_delay_s, now_s_});
    }
    if (!lost.empty()) schedule(now_s_ + options_.restart_delay_s, EventKind::restart, 0);
    schedule(now_s_ + repair_s, EventKind::repair, static_cast<std::uint32_t>(id.index()), ++host.version);
    recompute(id);
    tell([&](Observer& o) { o.on_host_failure(id); });
    if (host.power != PowerState::asleep) change_power(id, PowerState::asleep);
    for (const VmId vm : lost) tell([&](Observer& o) { o.on_vm_change(vm, VmChange::lost, now_s_); });
}

void Engine::repair(HostId id) {
    report(id);
    HostNow& host = hosts_[id.index()];
    host.failed = false;
    if (!host.boots_after_repair) return;
    if (inventory_->hosts()[id.index()].power) {
        start_waking(id);
    } else {
        change_power(id, PowerState::on);
    }
}

void Engine::change_power(HostId host, PowerState to) {
    report(host);
    const PowerState from = std::exchange(hosts_[host.index()].power, to);
    tell([&](Observer& o) { o.on_power(host, from, to, now_s_); });
}

}  // namespace ballast
