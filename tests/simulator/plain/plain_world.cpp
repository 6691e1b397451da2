// SPDX-License-Identifier: Apache-2.0
#include "plain_world.hpp"

#include <algorithm>
#include <cmath>

namespace ballast::plain {

double Host::utilisation_of(double mips) const {
    const double u = mips / total_mips();
    return u > 1.0 && u < 1.01 ? 1.0 : u;
}

double Host::power(double u) const {
    if (u > 1.0) u = 1.0;  // rounding of a host filled to the brim
    if (std::fmod(u, 0.1) == 0.0) return type.watts[static_cast<std::size_t>(u * 10.0)];
    const int below = static_cast<int>(std::floor(u * 10.0));
    const int above = static_cast<int>(std::ceil(u * 10.0));
    const double low = type.watts[static_cast<std::size_t>(below)];
    const double high = type.watts[static_cast<std::size_t>(above)];
    return low + ((high - low) / 10.0) * (u - static_cast<double>(below) / 10.0) * 100.0;
}

double Host::allocated_to(const Vm& vm) const {
    for (std::size_t i = 0; i < allocated.size(); ++i) {
        if (requested[i].vm == &vm) return allocated[i];
    }
    return 0.0;
}

double Host::sum_allocated() const {
    double sum = 0.0;
    for (const Vm* vm : vms) {
        if (in.contains(vm)) sum += allocated_to(*vm) * 0.9 / 0.1;
        sum += allocated_to(*vm);
    }
    return sum;
}

double Host::sum_requested() const {
    double sum = 0.0;
    for (const Vm* vm : vms) sum += vm->request;
    return sum;
}

double Host::free_memory_mb() const {
    double free = type.memory_mb;
    for (const Vm* vm : vms) free -= vm->type.memory_mb;
    return free;
}

double Host::free_bandwidth() const {
    double free = type.bandwidth;
    for (const Vm* vm : vms) free -= vm->type.bandwidth;
    return free;
}

void Host::add(Vm& vm, double mips) {
    vms.push_back(&vm);
    allocate(vm, mips);
}

void Host::remove(Vm& vm) {
    vms.erase(std::find(vms.begin(), vms.end(), &vm));
    release(vm);
}

void Host::allocate(const Vm& vm, double mips) {
    if (vm.migrating) {
        if (!in.contains(&vm)) out.insert(&vm);
    } else {
        out.erase(&vm);
    }
    requested.push_back({&vm, mips});
    allocated.push_back(0.0);
    give(requested.size() - 1);
}

void Host::give(std::size_t position) {
    const Vm* vm = requested[position].vm;
    const double capped = std::min(requested[position].mips, type.mips_per_core);
    const double need = in.contains(vm) ? capped * 0.1 : capped;
    if (available < need) {
        redistribute();
        return;
    }
    allocated[position] = capped;
    if (out.contains(vm)) {
        allocated[position] = capped * 0.9;
    } else if (in.contains(vm)) {
        allocated[position] = capped * 0.1;
    }
    available -= need;
}

void Host::redistribute() {
    double sum = 0.0;
    for (const Demand& demand : requested) {
        const double capped = std::min(demand.mips, type.mips_per_core);
        sum += in.contains(demand.vm) ? capped * 0.1 : capped;
    }
    const double factor = total_mips() / sum;
    for (std::size_t i = 0; i < requested.size(); ++i) {
        const double capped = std::min(requested[i].mips, type.mips_per_core);
        if (out.contains(requested[i].vm)) {
            allocated[i] = std::floor(capped * factor * 0.9);
        } else if (in.contains(requested[i].vm)) {
            allocated[i] = std::floor(capped * 0.1 * factor);
        } else {
            allocated[i] = std::floor(capped * factor);
        }
    }
    available = 0.0;
}

void Host::release(const Vm& vm) {
    std::erase_if(requested, [&](const Demand& demand) { return demand.vm == &vm; });
    allocated.assign(requested.size(), 0.0);
    available = total_mips();
    for (std::size_t i = 0; i < requested.size(); ++i) give(i);
}

void Host::update(double time_s, const cloudsim::Quirks& quirks) {
    previous_used_mips = used_mips;
    requested.clear();
    allocated.clear();
    available = total_mips();
    for (const Vm* vm : vms) allocate(*vm, vm->request);

    double requested_mips = 0.0, own_used = 0.0, own_requested = 0.0;
    used_mips = 0.0;
    for (Vm* vm : vms) {
        double given = allocated_to(*vm);
        if (!in.contains(vm)) {
            if (!vm->records.empty() && vm->records.back().time_s == time_s) vm->records.pop_back();
            vm->records.push_back({time_s, given, vm->request, vm->migrating});
            if (vm->migrating) given /= 0.9;
            own_used += given;
            own_requested += vm->request;
        }
        used_mips += given;
        requested_mips += vm->request;
    }
    record(time_s,
           quirks.arrivals_count_as_violation ? used_mips < requested_mips : own_used < own_requested * (1.0 - 1e-9));
}

void Host::record(double time_s, bool violating) {
    if (!records.empty() && records.back().time_s == time_s) records.pop_back();
    records.push_back({time_s, used_mips > 0.0, violating});
}

}  // namespace ballast::plain
