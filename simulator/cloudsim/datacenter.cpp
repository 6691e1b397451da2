// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/datacenter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ballast::cloudsim {

namespace {
constexpr double arriving_share = 0.1;  // of its CPU that a VM in flight costs its destination …
constexpr double leaving_share = 0.9;   // … and gets on its source
}  // namespace

PowerTable::PowerTable(const std::array<double, PowerCurve::points>& watts) : watts_(watts) {
    for (std::size_t k = 0; k < PowerCurve::points; ++k) {
        slope_[k] = (watts[std::min(k + 1, PowerCurve::points - 1)] - watts[k]) / 10.0;
        at_[k] = static_cast<double>(k) / 10.0;
    }
}

Datacenter::Datacenter(const Options& o, std::size_t vms) : options(o) {
    for (const HostType& type_of_host : options.host_types) power.emplace_back(type_of_host.watts);
    const std::size_t hosts = options.hosts;
    host_type.resize(hosts);
    total_mips.resize(hosts);
    core_mips.resize(hosts);
    slots.resize(hosts);
    used_mips.assign(hosts, 0.0);
    utilisation.assign(hosts, 0.0);
    watts.resize(hosts);
    violating.assign(hosts, 0);
    for (HostIndex h = 0; h < hosts; ++h) {
        host_type[h] = static_cast<std::uint8_t>(h % options.host_types.size());
        core_mips[h] = type(h).mips_per_core;
        total_mips[h] = core_mips[h] * type(h).cores;
        watts[h] = power_watts(h, 0.0);
    }
    free_mips = total_mips;

    const std::size_t types = options.vm_types.size();
    const std::size_t block = (vms + types - 1) / types;
    for (std::size_t i = 0; i < vms; ++i) {
        const VmType& vm_type = options.vm_types[i / block];
        mips.push_back(vm_type.mips);
        memory_mb.push_back(vm_type.memory_mb);
        bandwidth.push_back(vm_type.bandwidth);
    }
    request_mips.assign(vms, 0.0);
    host.assign(vms, no_host);
    migrating.assign(vms, 0);
    given_mips.assign(vms, 0.0);
    history_.assign(vms * history_stride(), 0.0);
    newest_ = history_stride() - options.history_samples;
    alive.resize(vms);
    std::iota(alive.begin(), alive.end(), VmIndex{0});
}

// Newer samples lie before older ones, so that the newest are one piece; where there is no room left before them, they
// move to the back.
void Datacenter::add_samples(std::span<const double> use) {
    const bool at_front = newest_ == 0;
    if (at_front) newest_ = history_stride() - options.history_samples + 1;
    --newest_;
    for (const VmIndex vm : alive) {
        double* const samples = &history_[vm * history_stride()];
        if (at_front) std::copy_n(samples, options.history_samples - 1, samples + newest_ + 1);
        samples[newest_] = use[vm];
    }
}

void Datacenter::share(HostIndex h) {
    const double core = core_mips[h];
    double free = total_mips[h];
    double wanted = 0.0;
    bool short_of_cpu = false;
    for (Slot& slot : slots[h]) {
        const double capped = std::min(request_mips[slot.vm], core);
        const double need = slot.arriving ? capped * arriving_share : capped;
        wanted += need;
        if (short_of_cpu || free < need) {
            short_of_cpu = true;
            continue;
        }
        const bool leaving = !slot.arriving && migrating[slot.vm] != 0;
        slot.allocated = leaving ? capped * leaving_share : need;
        free -= need;
    }
    free_mips[h] = free;
    if (!short_of_cpu) return;
    // Everybody gets the same share, in whole MIPS.
    free_mips[h] = 0.0;
    const double factor = total_mips[h] / wanted;
    for (Slot& slot : slots[h]) {
        const double capped = std::min(request_mips[slot.vm], core);
        if (slot.arriving) {
            slot.allocated = std::floor(capped * arriving_share * factor);
        } else if (migrating[slot.vm] != 0) {
            slot.allocated = std::floor(capped * factor * leaving_share);
        } else {
            slot.allocated = std::floor(capped * factor);
        }
    }
}

void Datacenter::update(HostIndex h) {
    share(h);
    double used = 0.0, requested = 0.0, own_used = 0.0, own_requested = 0.0;
    for (const Slot& slot : slots[h]) {
        double counted = slot.allocated;
        if (!slot.arriving) {
            given_mips[slot.vm] = slot.allocated;
            if (migrating[slot.vm] != 0) counted /= leaving_share;
            own_used += counted;
            own_requested += request_mips[slot.vm];
        }
        used += counted;
        requested += request_mips[slot.vm];
    }
    used_mips[h] = used;
    const double share_used = used / total_mips[h];
    utilisation[h] = share_used > 1.0 && share_used < 1.01 ? 1.0 : share_used;
    watts[h] = power_watts(h, utilisation[h]);
    violating[h] =
        options.quirks.arrivals_count_as_violation ? used < requested : own_used < own_requested * (1.0 - 1e-9);
}

}  // namespace ballast::cloudsim
