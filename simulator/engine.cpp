// SPDX-License-Identifier: Apache-2.0
#include "simulator/engine.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Engine::Engine(const Workload& start, const EngineOptions& options, std::vector<Observer*> observers)
    : inventory_(start.inventory),
      options_(options),
      observers_(std::move(observers)),
      failures_(start.failures),
      hosts_(inventory_->hosts().size()),
      vms_on_(hosts_.size()),
      arriving_(hosts_.size()),
      sums_mhz_(hosts_.size() + 1),
      network_(Resource::network, *inventory_),
      disk_io_(Resource::disk_io, *inventory_),
      nowhere_(static_cast<std::uint32_t>(hosts_.size())),
      at_(inventory_->vms().size(), nowhere_),
      demand_mhz_(at_.size()),
      memory_bytes_(at_.size()),
      flight_of_(at_.size(), no_flight),
      transfers_(options.migration, start.link_bytes_per_s) {
    for (Observer* observer : observers_) {
        if (observer->wants_every_vm()) every_vm_.push_back(observer);
    }
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
        const HostSpec& spec = inventory_->hosts()[h];
        const ResourceVector usable = spec.capacity - spec.reserve;
        hosts_[h].usable_mhz = usable.cpu_mhz();
        hosts_[h].capacity_mhz = spec.capacity.cpu_mhz();
        hosts_[h].usable_memory_bytes = usable.memory_bytes();
        if (start.host_states.empty()) continue;
        const ResourceVector& overhead = start.host_states[h].overhead;
        hosts_[h].takes_new_vms = !start.host_states[h].maintenance;
        hosts_[h].overhead_mhz = std::min(hosts_[h].usable_mhz, overhead.cpu_mhz());
        hosts_[h].usable_mhz -= hosts_[h].overhead_mhz;
        hosts_[h].usable_memory_bytes = std::max(0.0, hosts_[h].usable_memory_bytes - overhead.memory_bytes());
    }
    for (std::size_t v = 0; v < at_.size(); ++v) {
        memory_bytes_[v] = inventory_->vms()[v].memory_bytes;
        const HostId host = start.host_of[v];
        if (!host.valid()) continue;
        at_[v] = static_cast<std::uint32_t>(host.index());
        vms_on_[host.index()].emplace_back(v);
        hosts_[host.index()].memory_bytes += memory_bytes_[v];
        ++running_;
    }
    schedule_failure();
}

HostId Engine::host_of(VmId vm) const { return runs(vm) ? HostId(at_[vm.index()]) : HostId(); }

HostId Engine::destination_of(VmId vm) const { return migrating(vm) ? flights_[flight_of_[vm.index()]].to : HostId(); }

std::vector<VmId> Engine::restartable() const {
    std::vector<VmId> vms;
    for (const Down& down : down_) {
        if (down.ready_s <= now_s_) vms.push_back(down.vm);
    }
    return vms;
}

std::size_t Engine::migrations_at(HostId host) const {
    return hosts_[host.index()].leaving + arriving_[host.index()].size();
}

bool Engine::empty(HostId host) const { return vms_on_[host.index()].empty() && arriving_[host.index()].empty(); }

bool Engine::can_receive(HostId host, VmId vm) const {
    const HostNow& now = hosts_[host.index()];
    return now.power == PowerState::on &&
           fits(Resource::memory, now.memory_bytes + memory_bytes_[vm.index()], now.usable_memory_bytes);
}

void Engine::set_demands(const Demands& demands) {
    const std::vector<double>& mhz = demands.cpu_mhz;
    BALLAST_CHECK(mhz.size() == at_.size(), "one demand per VM");
    for (std::size_t h = 0; h < hosts_.size(); ++h) report(HostId(h));
    for (Down& down : down_) report_down(down);
    std::copy(mhz.begin(), mhz.end(), demand_mhz_.begin());
    std::fill(sums_mhz_.begin(), sums_mhz_.end(), 0.0);
    for (std::size_t v = 0; v < mhz.size(); ++v) sums_mhz_[at_[v]] += mhz[v];
    network_.set_demands(demands.network_bytes_per_s, at_);
    disk_io_.set_demands(demands.disk_bytes_per_s, at_);
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
        if (migrations_at(HostId(h)) > 0) {
            recompute(HostId(h));
        } else {
            share_out(hosts_[h], sums_mhz_[h], sums_mhz_[h]);
        }
    }
}

void Engine::start_vm(VmId vm, HostId host) {
    BALLAST_CHECK(!runs(vm) && can_receive(host, vm), "a VM starts on a host that is on and has the memory");
    const auto down = std::find_if(down_.begin(), down_.end(), [&](const Down& d) { return d.vm == vm; });
    if (down != down_.end()) {
        report_down(*down);
        down_.erase(down);
    }
    report(host);
    at_[vm.index()] = static_cast<std::uint32_t>(host.index());
    insert(vms_on_[host.index()], vm);
    hosts_[host.index()].memory_bytes += memory_bytes_[vm.index()];
    ++running_;
    ++population_;
    recompute(host);
    tell([&](Observer& o) { o.on_vm_change(vm, VmChange::starts, now_s_); });
}

void Engine::end_vm(VmId vm) {
    const auto down = std::find_if(down_.begin(), down_.end(), [&](const Down& d) { return d.vm == vm; });
    if (down != down_.end()) {
        report_down(*down);
        down_.erase(down);
    } else if (runs(vm)) {
        if (migrating(vm)) abort(vm);
        const HostId host = host_of(vm);
        report(host);
        std::erase(vms_on_[host.index()], vm);
        take_off(vm, host);
        recompute(host);
    }
    tell([&](Observer& o) { o.on_vm_change(vm, VmChange::ends, now_s_); });
}

void Engine::let_wait(VmId vm) {
    tell([&](Observer& o) { o.on_vm_change(vm, VmChange::waits, now_s_); });
}

void Engine::end_interval() {
    for (std::size_t h = 0; h < hosts_.size(); ++h) report(HostId(h));
    for (Down& down : down_) report_down(down);
    tell([](Observer& o) { o.on_interval_end(); });
}

void Engine::insert(std::vector<VmId>& vms, VmId vm) { vms.insert(std::lower_bound(vms.begin(), vms.end(), vm), vm); }

void Engine::take_off(VmId vm, HostId host) {
    at_[vm.index()] = nowhere_;
    hosts_[host.index()].memory_bytes -= memory_bytes_[vm.index()];
    --running_;
    ++population_;
}

void Engine::report(HostId id) {
    HostNow& host = hosts_[id.index()];
    const double duration_s = now_s_ - host.since_s;
    if (duration_s <= 0.0) return;
    host.since_s = now_s_;
    HostStretch stretch;
    stretch.host = id;
    stretch.duration_s = duration_s;
    stretch.power = host.power;
    stretch.asked_mhz = host.asked_mhz;
    stretch.given_mhz = host.share < 1.0 ? host.usable_mhz : host.asked_mhz;
    stretch.usable_mhz = host.usable_mhz;
    stretch.capacity_mhz = host.capacity_mhz;
    stretch.overhead_mhz = host.overhead_mhz;
    stretch.vm_asked_mhz = host.vm_asked_mhz;
    stretch.failed = host.failed;
    for (Observer* observer : observers_) observer->on_host(stretch);
    const bool short_of_something = host.share < 1.0 || network_.contended(id) || disk_io_.contended(id);
    if (short_of_something || host.leaving > 0 || !every_vm_.empty()) report_vms(id, duration_s);
}

void Engine::report_vms(HostId id, double duration_s) {
    const HostNow& host = hosts_[id.index()];
    VmStretch stretch;
    stretch.host = id;
    stretch.duration_s = duration_s;
    stretch.host_contended = host.share < 1.0;
    const bool short_of_something = stretch.host_contended || network_.contended(id) || disk_io_.contended(id);
    for (const VmId vm : vms_on_[id.index()]) {
        stretch.vm = vm;
        stretch.asked_mhz = demand_mhz_[vm.index()];
        stretch.migrating = migrating(vm);
        const double part = !stretch.migrating ? 1.0 : stopped(vm) ? 0.0 : 1.0 - options_.migration_cpu_fraction;
        stretch.given_mhz = stretch.asked_mhz * host.share * part;
        stretch.contended_mhz = stopped(vm) ? 0.0 : stretch.asked_mhz * (1.0 - host.share);
        stretch.network = rate_stretch(network_, vm, id);
        stretch.disk_io = rate_stretch(disk_io_, vm, id);
        const auto& those = short_of_something || stretch.migrating ? observers_ : every_vm_;
        for (Observer* observer : those) observer->on_vm(stretch);
    }
}

void Engine::report_down(Down& down) {
    const double duration_s = now_s_ - down.since_s;
    if (duration_s <= 0.0) return;
    down.since_s = now_s_;
    VmStretch stretch;
    stretch.vm = down.vm;
    stretch.duration_s = duration_s;
    stretch.asked_mhz = demand_mhz_[down.vm.index()];
    tell([&](Observer& o) { o.on_vm(stretch); });
}

void Engine::recompute(HostId id) {
    double vm_asked_mhz = 0.0;
    double asked_mhz = 0.0;
    for (const VmId vm : vms_on_[id.index()]) {
        vm_asked_mhz += demand_mhz_[vm.index()];
        if (!stopped(vm)) asked_mhz += demand_mhz_[vm.index()];
    }
    for (const VmId vm : arriving_[id.index()]) {
        if (!stopped(vm)) asked_mhz += demand_mhz_[vm.index()] * options_.migration_cpu_fraction;
    }
    share_out(hosts_[id.index()], vm_asked_mhz, asked_mhz);
    recompute(id, network_);
    recompute(id, disk_io_);
}

void Engine::recompute(HostId id, SharedRate& rate) {
    if (!rate.binds()) return;
    double asked = 0.0;
    for (const VmId vm : vms_on_[id.index()]) asked += stopped(vm) ? 0.0 : rate.demand(vm);
    rate.ask(id, asked);
}

RateStretch Engine::rate_stretch(const SharedRate& rate, VmId vm, HostId host) const {
    if (!rate.binds()) return {};
    if (stopped(vm)) return {};
    const double asked = rate.demand(vm);
    return {asked, asked * (1.0 - rate.share(host)), rate.contended(host)};
}

void Engine::share_out(HostNow& host, double vm_asked_mhz, double asked_mhz) {
    host.vm_asked_mhz = vm_asked_mhz;
    host.asked_mhz = asked_mhz;
    host.share = fits(Resource::cpu, asked_mhz, host.usable_mhz) ? 1.0 : host.usable_mhz / asked_mhz;
}

}  // namespace ballast
