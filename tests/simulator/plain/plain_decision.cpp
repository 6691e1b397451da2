// SPDX-License-Identifier: Apache-2.0
#include "plain_decision.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plain_statistics.hpp"

namespace ballast::plain {

using cloudsim::Detector;
using cloudsim::Selection;

namespace {

void sort_by_request(std::vector<Vm*>& vms) {
    std::stable_sort(vms.begin(), vms.end(), [](const Vm* a, const Vm* b) { return a->request > b->request; });
}

Vm* smallest_memory(const std::vector<Vm*>& candidates) {
    Vm* found = candidates.front();
    for (Vm* vm : candidates) {
        if (vm->type.memory_mb < found->type.memory_mb) found = vm;
    }
    return found;
}

Vm* smallest_use(const std::vector<Vm*>& candidates) {
    Vm* found = candidates.front();
    for (Vm* vm : candidates) {
        if (vm->request / vm->type.mips < found->request / found->type.mips) found = vm;
    }
    return found;
}

}  // namespace

std::vector<Move> Decision::decide() {
    Placement saved;
    for (const Host& host : hosts_) saved.push_back(host.vms);
    Hosts over;
    for (const Host& host : hosts_) {
        if (overloaded(host)) over.insert(&host);
    }
    std::vector<Move> moves;
    relieve(over, moves);
    Hosts closed = over;
    for (const Host& host : hosts_) {
        if (host.utilisation() == 0.0) closed.insert(&host);
    }
    Hosts done = closed;
    if (!options_.quirks.empties_hosts_just_filled) {
        for (const Move& move : moves) done.insert(move.to);
    }
    empty(done, closed, moves);
    restore(saved);
    return moves;
}

// ---- detectors ----------------------------------------------------------------------------------------------------

bool Decision::overloaded(const Host& host) const {
    const double use = host.sum_requested() / host.total_mips();
    if (policy_.detector == Detector::thr) return use > policy_.parameter;
    const std::vector<double> history = history_of(host);
    const bool regression = policy_.detector == Detector::lr || policy_.detector == Detector::lrr;
    if (history.size() < (regression ? 10u : 12u)) return use > options_.fallback_threshold;
    if (policy_.detector == Detector::iqr) return use > 1.0 - policy_.parameter * interquartile_range(history);
    if (policy_.detector == Detector::mad) return use > 1.0 - policy_.parameter * median_absolute_deviation(history);
    std::vector<double> y(history.begin(), history.begin() + 10);
    std::reverse(y.begin(), y.end());
    const double x = 10.0 + steps_ahead(host);
    const double forecast = options_.quirks.regression_unweighted
                                ? line_at(y, x)
                                : weighted_line_at(y, x, policy_.detector == Detector::lrr);
    return forecast * policy_.parameter >= 1.0;
}

// Of the VMs that are on the host now, without the oldest samples that are zero.
std::vector<double> Decision::history_of(const Host& host) const {
    std::vector<double> history(options_.history_samples, 0.0);
    for (const Vm* vm : host.vms) {
        for (std::size_t i = 0; i < vm->history.size(); ++i) {
            history[i] += vm->history[i] * vm->type.mips / host.total_mips();
        }
    }
    while (!history.empty() && history.back() == 0.0) history.pop_back();
    return history;
}

double Decision::steps_ahead(const Host& host) const {
    double memory_mb = 0.0;
    for (const Vm* vm : host.vms) memory_mb = std::max(memory_mb, vm->type.memory_mb);
    return std::ceil(memory_mb / (host.type.bandwidth / (2.0 * 8000.0)) / 300.0);
}

// ---- selection ----------------------------------------------------------------------------------------------------

Vm* Decision::select(const Host& host) {
    std::vector<Vm*> candidates;
    for (Vm* vm : host.vms) {
        if (!vm->migrating) candidates.push_back(vm);
    }
    if (candidates.empty()) return nullptr;
    if (policy_.selection == Selection::mu) return smallest_use(candidates);
    if (policy_.selection == Selection::rs) return candidates[random_.below(candidates.size())];
    if (policy_.selection == Selection::mc) {
        if (Vm* vm = most_correlated(candidates)) return vm;
    }
    return smallest_memory(candidates);
}

Vm* Decision::most_correlated(const std::vector<Vm*>& candidates) const {
    if (candidates.size() == 1 || candidates.size() > candidates.front()->history.size()) return nullptr;
    double best = 4.9e-324;
    Vm* found = candidates.front();
    for (Vm* vm : candidates) {
        std::vector<std::vector<double>> others;
        for (const Vm* other : candidates) {
            if (other != vm) others.push_back(other->history);
        }
        const std::optional<double> r2 = r_squared(vm->history, others);
        if (!r2) return nullptr;
        if (*r2 > best) {
            best = *r2;
            found = vm;
        }
    }
    return found;
}

// ---- placement ----------------------------------------------------------------------------------------------------

Host* Decision::find_host(Vm& vm, double mips, const Hosts& excluded, bool starting) {
    Host* found = nullptr;
    double best = std::numeric_limits<double>::max();
    for (Host& host : hosts_) {
        if (excluded.contains(&host) || !has_room(host, vm, mips, starting)) continue;
        const double given = host.sum_allocated();
        if (given != 0.0) {
            const double request = vm.request;
            host.add(vm, mips);
            vm.request = mips;
            const bool too_much = overloaded(host);
            vm.request = request;
            host.remove(vm);
            if (too_much) continue;
        }
        const double rise = host.power((given + mips) / host.total_mips()) - host.power(host.utilisation());
        if (rise < best) {
            best = rise;
            found = &host;
        }
    }
    return found;
}

bool Decision::has_room(const Host& host, const Vm& vm, double mips, bool starting) const {
    if (!host.suits(mips)) return false;
    if (starting && host.free_bandwidth() < vm.type.bandwidth) return false;
    const bool memory_binds = starting || !options_.quirks.memory_ignored_after_start;
    return !memory_binds || host.free_memory_mb() >= vm.type.memory_mb;
}

Decision::Hosts Decision::asleep_hosts() const {
    Hosts found;
    for (const Host& host : hosts_) {
        if (asleep(host)) found.insert(&host);
    }
    return found;
}

void Decision::relieve(const Hosts& overloaded_hosts, std::vector<Move>& moves) {
    std::vector<Vm*> to_place;
    for (Host& host : hosts_) {
        if (!overloaded_hosts.contains(&host)) continue;
        do {
            Vm* vm = select(host);
            if (vm == nullptr) break;
            to_place.push_back(vm);
            host.remove(*vm);
        } while (overloaded(host));
    }
    sort_by_request(to_place);
    for (Vm* vm : to_place) {
        Host* to = nullptr;
        if (!options_.quirks.sleeping_hosts_are_targets) {
            Hosts excluded = asleep_hosts();
            excluded.insert(overloaded_hosts.begin(), overloaded_hosts.end());
            to = find_host(*vm, vm->request, excluded, false);
        }
        if (to == nullptr) to = find_host(*vm, vm->request, overloaded_hosts, false);
        if (to == nullptr) continue;
        to->add(*vm, vm->request);
        moves.push_back({vm, to});
    }
}

Host* Decision::least_used(const Hosts& done) {
    Host* found = nullptr;
    double least = 1.0;
    for (Host& host : hosts_) {
        if (done.contains(&host)) continue;
        const double use = host.utilisation();
        if (use <= 0.0 || use >= least || host.vms.empty()) continue;
        least = use;
        found = &host;
    }
    return found;
}

// `done`: never looked at as one to empty; `closed`: never a target.
void Decision::empty(Hosts done, Hosts closed, std::vector<Move>& moves) {
    while (Host* source = least_used(done)) {
        done.insert(source);
        closed.insert(source);
        std::vector<Move> found;
        if (!empty_one(*source, closed, found)) continue;
        for (const Move& move : found) done.insert(move.to);
        moves.insert(moves.end(), found.begin(), found.end());
    }
}

bool Decision::empty_one(Host& source, const Hosts& closed, std::vector<Move>& moves) {
    std::vector<Vm*> leaving = source.vms;
    sort_by_request(leaving);
    for (Vm* vm : leaving) {
        Host* to = find_host(*vm, vm->request, closed, false);
        if (to == nullptr) {
            for (const Move& move : moves) move.to->remove(*move.vm);
            return false;
        }
        to->add(*vm, vm->request);
        moves.push_back({vm, to});
    }
    return true;
}

void Decision::restore(const Placement& saved) {
    for (Host& host : hosts_) {
        host.vms.clear();
        host.requested.clear();
        host.allocated.clear();
        host.available = host.total_mips();
    }
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
        for (Vm* vm : saved[h]) hosts_[h].add(*vm, vm->request);
    }
}

}  // namespace ballast::plain
