// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/optimiser.hpp"

#include <algorithm>
#include <limits>

namespace ballast::cloudsim {

Optimiser::Optimiser(const Datacenter& datacenter, const FamilyPolicy& policy, std::uint64_t seed)
    : dc_(datacenter),
      policy_(policy),
      random_(seed),
      detector_(datacenter, policy),
      hosts_(datacenter.host_count()),
      sleeping_(datacenter.options.host_types.size()) {}

std::span<const Move> Optimiser::decide(std::size_t samples) {
    moves_.clear();
    undo_.clear();
    look();
    find_overloaded();
    to_place_.clear();
    for (std::size_t i = 0; i < active_.size(); ++i) {
        if (closed_[active_[i]] != 0) unload(active_[i], samples);
    }
    sort_by_request(to_place_);
    for (const VmIndex vm : to_place_) {
        HostIndex to = find_host(vm, dc_.options.quirks.sleeping_hosts_are_targets);
        if (to == no_host && !dc_.options.quirks.sleeping_hosts_are_targets) to = find_host(vm, true);
        if (to == no_host) continue;  // it stays where it was
        place(vm, to);
        moves_.push_back({vm, to});
        if (!dc_.options.quirks.empties_hosts_just_filled) done_[to] = 1;
    }
    empty_least_used();
    return moves_;
}

void Optimiser::look() {
    detector_.new_moment();
    active_.clear();
    for (auto& of_type : sleeping_) of_type.clear();
    next_sleeping_.assign(sleeping_.size(), 0);
    closed_.assign(hosts_.size(), 0);
    done_.assign(hosts_.size(), 0);
    is_active_.assign(hosts_.size(), 0);
    for (HostIndex h = 0; h < hosts_.size(); ++h) {
        if (dc_.slots[h].empty() && dc_.used_mips[h] == 0.0) {
            sleeping_[dc_.host_type[h]].push_back(h);
        } else {
            active_.push_back(h);
            is_active_[h] = 1;
            view(h);
        }
    }
}

void Optimiser::view(HostIndex h) {
    HostView& seen = hosts_[h];
    seen.members.clear();
    seen.free_mips = dc_.free_mips[h];
    seen.used_mips = 0.0;
    seen.requested_mips = 0.0;
    seen.estimate = {};
    seen.free_memory_mb = dc_.type(h).memory_mb;
    for (const Slot& slot : dc_.slots[h]) {
        seen.members.push_back(slot.vm);
        seen.used_mips += slot.allocated;
        seen.requested_mips += dc_.request_mips[slot.vm];
        detector_.add(slot.vm, seen.estimate);
        seen.free_memory_mb -= dc_.memory_mb[slot.vm];
    }
}

void Optimiser::find_overloaded() {
    for (const HostIndex h : active_) {
        const HostView& seen = hosts_[h];
        if (!seen.members.empty() && detector_.overloaded(h, seen.members, seen.requested_mips, seen.estimate)) {
            closed_[h] = done_[h] = 1;
        }
    }
}

void Optimiser::unload(HostIndex h, std::size_t samples) {
    HostView& seen = hosts_[h];
    do {
        if (seen.members.empty()) return;
        const std::size_t position = select(h, samples);
        to_place_.push_back(seen.members[position]);
        remove_member(h, position);
    } while (detector_.overloaded(h, seen.members, seen.requested_mips, seen.estimate));
}

void Optimiser::remove_member(HostIndex h, std::size_t position) {
    HostView& seen = hosts_[h];
    seen.members.erase(seen.members.begin() + static_cast<std::ptrdiff_t>(position));
    detector_.forget(h);
    seen.requested_mips = 0.0;
    seen.estimate = {};
    for (const VmIndex vm : seen.members) {
        seen.requested_mips += dc_.request_mips[vm];
        detector_.add(vm, seen.estimate);
    }
}

std::size_t Optimiser::smallest_memory(const std::vector<VmIndex>& candidates) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
        if (dc_.memory_mb[candidates[i]] < dc_.memory_mb[candidates[best]]) best = i;
    }
    return best;
}

std::size_t Optimiser::select(HostIndex h, std::size_t samples) {
    const std::vector<VmIndex>& candidates = hosts_[h].members;
    switch (policy_.selection) {
        case Selection::mmt: break;
        case Selection::mu: {
            std::size_t best = 0;
            const auto use = [&](std::size_t i) { return dc_.request_mips[candidates[i]] / dc_.mips[candidates[i]]; };
            for (std::size_t i = 1; i < candidates.size(); ++i) {
                if (use(i) < use(best)) best = i;
            }
            return best;
        }
        case Selection::rs: return static_cast<std::size_t>(random_.below(candidates.size()));
        case Selection::mc: {
            histories_.clear();
            for (const VmIndex vm : candidates) histories_.push_back(dc_.history_of(vm).first(samples));
            const std::size_t found = most_correlated(histories_);
            if (found != none) return found;
            break;
        }
    }
    return smallest_memory(candidates);
}

void Optimiser::sort_by_request(std::vector<VmIndex>& vms) const {
    std::stable_sort(vms.begin(), vms.end(),
                     [&](VmIndex a, VmIndex b) { return dc_.request_mips[a] > dc_.request_mips[b]; });
}

HostIndex Optimiser::find_host(VmIndex vm, bool sleeping_allowed) {
    const double request = dc_.request_mips[vm];
    double best = std::numeric_limits<double>::max();
    HostIndex found = no_host;
    for (const HostIndex h : active_) {
        if (closed_[h] == 0) consider(h, vm, request, best, found);
    }
    if (!sleeping_allowed) return found;
    // Sleeping hosts of one type are all alike: the first stands for them.
    for (std::size_t type = 0; type < sleeping_.size(); ++type) {
        if (next_sleeping_[type] == sleeping_[type].size()) continue;
        const HostIndex h = sleeping_[type][next_sleeping_[type]];
        view(h);
        consider(h, vm, request, best, found);
    }
    return found;
}

bool Optimiser::takes(HostIndex h, VmIndex vm, double request) const {
    const HostView& seen = hosts_[h];
    return dc_.core_mips[h] >= request && seen.free_mips >= request &&
           (dc_.options.quirks.memory_ignored_after_start || seen.free_memory_mb >= dc_.memory_mb[vm]);
}

// Least increase of power wins, the first host on ties; the order in which hosts are asked does not matter.
void Optimiser::consider(HostIndex h, VmIndex vm, double request, double& best, HostIndex& found) {
    if (!takes(h, vm, request)) return;
    const HostView& seen = hosts_[h];
    const double rise = dc_.power_watts(h, (seen.used_mips + request) / dc_.total_mips[h]) - dc_.watts[h];
    if (rise > best || (rise == best && h > found)) return;
    if (seen.used_mips != 0.0 && detector_.overloaded_with(h, seen.members, seen.requested_mips, seen.estimate, vm)) {
        return;
    }
    best = rise;
    found = h;
}

void Optimiser::place(VmIndex vm, HostIndex to) {
    if (is_active_[to] == 0) {
        // It was the first of its type.
        ++next_sleeping_[dc_.host_type[to]];
        is_active_[to] = 1;
        done_[to] = 1;  // not in use at the last update, so never one to empty
        active_.push_back(to);
    }
    HostView& seen = hosts_[to];
    undo_.push_back({to, seen.free_mips, seen.used_mips, seen.requested_mips, seen.free_memory_mb, seen.estimate});
    const double request = dc_.request_mips[vm];
    seen.members.push_back(vm);
    seen.free_mips -= request;
    seen.used_mips += request;
    seen.requested_mips += request;
    detector_.add(vm, seen.estimate);
    seen.free_memory_mb -= dc_.memory_mb[vm];
}

void Optimiser::undo_to(std::size_t mark) {
    while (undo_.size() > mark) {
        const Undo& before = undo_.back();
        HostView& seen = hosts_[before.host];
        seen.members.pop_back();
        detector_.forget(before.host);
        seen.free_mips = before.free_mips;
        seen.used_mips = before.used_mips;
        seen.requested_mips = before.requested_mips;
        seen.estimate = before.estimate;
        seen.free_memory_mb = before.free_memory_mb;
        undo_.pop_back();
    }
}

void Optimiser::empty_least_used() {
    for (const HostIndex h : active_) {
        if (dc_.used_mips[h] == 0.0)
            closed_[h] = done_[h] = 1;  // asleep as of the last update: neither is a target now
    }
    std::vector<VmIndex> leaving;
    for (;;) {
        HostIndex source = no_host;
        double least = 1.0;
        for (const HostIndex h : active_) {
            if (done_[h] != 0 || hosts_[h].members.empty()) continue;
            const double use = dc_.utilisation[h];
            if (use > 0.0 && use < least) {
                least = use;
                source = h;
            }
        }
        if (source == no_host) return;
        done_[source] = closed_[source] = 1;
        leaving = hosts_[source].members;
        sort_by_request(leaving);
        const std::size_t mark = undo_.size();
        const std::size_t moves_before = moves_.size();
        for (const VmIndex vm : leaving) {
            const HostIndex to = find_host(vm, false);
            if (to == no_host) {
                undo_to(mark);
                moves_.resize(moves_before);
                break;
            }
            place(vm, to);
            moves_.push_back({vm, to});
        }
        for (std::size_t i = moves_before; i < moves_.size(); ++i) done_[moves_[i].to] = 1;
    }
}

}  // namespace ballast::cloudsim
