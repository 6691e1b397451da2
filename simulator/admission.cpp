// SPDX-License-Identifier: Apache-2.0
#include "simulator/admission.hpp"

#include <algorithm>
#include <utility>

namespace ballast {

Admission::Admission(const TraceInfo& trace, std::vector<double> configured_mhz, double cpu_overcommit)
    : cpu_mhz_(std::move(configured_mhz)) {
    for (double& mhz : cpu_mhz_) mhz /= cpu_overcommit;
    for (std::size_t v = 0; v < trace.vms.size(); ++v) {
        const TraceVm& vm = trace.vms[v];
        if (vm.first_interval >= vm.end_interval) continue;
        if (vm.first_interval > 0) arrivals_.push_back({vm.first_interval, VmId(v)});
        if (vm.end_interval < trace.interval_count) departures_.push_back({vm.end_interval, VmId(v)});
    }
    const auto earlier = [](const Change& a, const Change& b) { return a.interval < b.interval; };
    std::stable_sort(arrivals_.begin(), arrivals_.end(), earlier);
    std::stable_sort(departures_.begin(), departures_.end(), earlier);
}

void Admission::begin_interval(std::size_t interval, Engine& engine) {
    end_vms(interval, engine);
    std::optional<FirstFit> rooms;
    std::vector<VmId> lost = engine.restartable();
    start(lost, engine, rooms);
    start(waiting_, engine, rooms);
    std::vector<VmId> fresh;
    for (; next_arrival_ < arrivals_.size() && arrivals_[next_arrival_].interval == interval; ++next_arrival_) {
        fresh.push_back(arrivals_[next_arrival_].vm);
    }
    start(fresh, engine, rooms);
    for (const VmId vm : fresh) engine.let_wait(vm);
    waiting_.insert(waiting_.end(), fresh.begin(), fresh.end());
}

void Admission::restart(Engine& engine) {
    std::optional<FirstFit> rooms;
    std::vector<VmId> lost = engine.restartable();
    start(lost, engine, rooms);
}

void Admission::end_vms(std::size_t interval, Engine& engine) {
    for (; next_departure_ < departures_.size() && departures_[next_departure_].interval == interval;
         ++next_departure_) {
        const VmId vm = departures_[next_departure_].vm;
        std::erase(waiting_, vm);
        engine.end_vm(vm);
    }
}

void Admission::start(std::vector<VmId>& vms, Engine& engine, std::optional<FirstFit>& rooms) {
    if (vms.empty()) return;
    if (!rooms) rooms.emplace(rooms_of(engine));
    std::erase_if(vms, [&](VmId vm) {
        const double cpu_mhz = cpu_mhz_[vm.index()];
        const double memory_bytes = engine.inventory().vms()[vm.index()].memory_bytes;
        const HostId host = rooms->find(cpu_mhz, memory_bytes);
        if (!host.valid()) return false;
        rooms->take(host, cpu_mhz, memory_bytes);
        engine.start_vm(vm, host);
        return true;
    });
}

FirstFit Admission::rooms_of(const Engine& engine) {
    std::vector<FirstFit::Room> rooms(engine.inventory().hosts().size());
    for (std::size_t h = 0; h < rooms.size(); ++h) {
        const HostId host(h);
        rooms[h] = {engine.asked_mhz(host), engine.usable_mhz(host), engine.memory_bytes(host),
                    engine.usable_memory_bytes(host),
                    engine.power(host) == PowerState::on && engine.takes_new_vms(host)};
    }
    return FirstFit(std::move(rooms));
}

}  // namespace ballast
