// SPDX-License-Identifier: Apache-2.0
#include "scheduler/problem/local_search.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace ballast {

namespace {

constexpr std::size_t move_destinations = 32;
constexpr std::size_t swap_destinations = 8;
constexpr std::size_t cycle_destinations = 4;

class Search {
  public:
    Search(Problem& problem, const OptimiserLimits& limits) : problem_(problem), limits_(limits) {}

    [[nodiscard]] std::vector<Change> run() {
        const std::size_t begin = problem_.mark();
        for (bool found = true; found && may_go_on();) {
            found = false;
            for (const HostId host : sources()) {
                while (may_go_on() && improve(host)) found = true;
            }
        }
        problem_.undo(begin);
        return std::move(changes_);
    }

  private:
    [[nodiscard]] bool may_go_on() const { return evaluations_ < limits_.evaluations && vms_ < limits_.vms; }
    [[nodiscard]] bool closed(HostId host) const { return limits_.closed[host.index()] != 0; }
    [[nodiscard]] std::vector<HostId> sources();
    [[nodiscard]] std::vector<HostId> destinations(HostId from);
    [[nodiscard]] std::vector<UnitId> movable(HostId host) const;
    [[nodiscard]] bool improve(HostId host);
    void try_moves(HostId from, std::span<const UnitId> units, std::span<const HostId> to);
    void try_swaps(HostId from, std::span<const UnitId> units, std::span<const HostId> to);
    void try_cycles(HostId from, std::span<const UnitId> units, std::span<const HostId> to);
    void look_at(std::span<const Shift> change);
    [[nodiscard]] std::size_t vms_of(std::span<const Shift> change) const;
    [[nodiscard]] double fullest_after(std::span<const Shift> change) const;

    Problem& problem_;
    const OptimiserLimits& limits_;
    std::size_t evaluations_ = 0;
    std::size_t vms_ = 0;
    Change best_;  // of the host that is looked at
    double best_fullest_ = 0.0;
    std::vector<Change> changes_;
};

// Those that cost something, most first.
std::vector<HostId> Search::sources() {
    std::vector<std::pair<Cost, HostId>> costs;
    for (const HostId host : problem_.feasibility().open_hosts()) {
        const Cost cost = problem_.of_host(host);
        if (cost >= limits_.gain_min && !closed(host)) costs.emplace_back(-cost, host);
    }
    std::sort(costs.begin(), costs.end());
    std::vector<HostId> hosts;
    for (const auto& [cost, host] : costs) hosts.push_back(host);
    return hosts;
}

std::vector<HostId> Search::destinations(HostId from) {
    struct Place {
        Cost cost;
        double peak;
        HostId host;
    };
    std::vector<Place> places;
    for (const HostId host : problem_.feasibility().open_hosts()) {
        if (host == from || closed(host)) continue;
        places.push_back({problem_.of_host(host), problem_.placement().peak_utilisation(host, {}), host});
    }
    const std::size_t count = std::min(move_destinations, places.size());
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count), places.end(),
                      [](const Place& a, const Place& b) {
                          if (a.cost != b.cost) return a.cost < b.cost;
                          return a.peak != b.peak ? a.peak < b.peak : a.host < b.host;
                      });
    std::vector<HostId> hosts;
    for (std::size_t p = 0; p < count; ++p) hosts.push_back(places[p].host);
    return hosts;
}

std::vector<UnitId> Search::movable(HostId host) const {
    std::vector<UnitId> units = problem_.units_on(host);
    std::erase_if(units, [&](UnitId unit) {
        return problem_.moved(unit) || problem_.blocked(unit, limits_.urgency).has_value();
    });
    return units;
}

std::size_t Search::vms_of(std::span<const Shift> change) const {
    std::size_t vms = 0;
    for (const Shift& shift : change) vms += problem_.units().members(shift.unit).size();
    return vms;
}

void Search::look_at(std::span<const Shift> change) {
    if (evaluations_ >= limits_.evaluations || vms_ + vms_of(change) > limits_.vms) return;
    ++evaluations_;
    const Cost gain = -problem_.delta(change);
    if (gain < limits_.gain_min || gain < best_.gain) return;
    const double fullest = fullest_after(change);
    if (gain == best_.gain && fullest >= best_fullest_) return;
    if (!problem_.allows(change, limits_.level)) return;
    best_.shifts.assign(change.begin(), change.end());
    best_.gain = gain;
    best_fullest_ = fullest;
}

// The utilisation of the fullest destination once the change is made.
double Search::fullest_after(std::span<const Shift> change) const {
    double fullest = 0.0;
    for (const Shift& destination : change) {
        ResourceVector extra;
        for (const Shift& shift : change) {
            const bool comes = shift.to == destination.to;
            if (!comes && problem_.host_of(shift.unit) != destination.to) continue;
            for (const VmId vm : problem_.units().members(shift.unit)) {
                if (comes) extra += problem_.placement().need(vm);
                if (!comes) extra -= problem_.placement().need(vm);
            }
        }
        fullest = std::max(fullest, problem_.placement().peak_utilisation(destination.to, extra));
    }
    return fullest;
}

void Search::try_moves(HostId /*from*/, std::span<const UnitId> units, std::span<const HostId> to) {
    for (const UnitId unit : units) {
        for (const HostId host : to) look_at(std::array{Shift{unit, host}});
    }
}

void Search::try_swaps(HostId from, std::span<const UnitId> units, std::span<const HostId> to) {
    for (const HostId host : to) {
        const std::vector<UnitId> there = movable(host);
        for (const UnitId unit : units) {
            for (const UnitId other : there) look_at(std::array{Shift{unit, host}, Shift{other, from}});
        }
    }
}

void Search::try_cycles(HostId from, std::span<const UnitId> units, std::span<const HostId> to) {
    for (const HostId second : to) {
        const std::vector<UnitId> on_second = movable(second);
        for (const HostId third : to) {
            if (third == second) continue;
            const std::vector<UnitId> on_third = movable(third);
            for (const UnitId unit : units) {
                for (const UnitId other : on_second) {
                    look_at(std::array{Shift{unit, second}, Shift{other, third}});
                    for (const UnitId last : on_third) {
                        look_at(std::array{Shift{unit, second}, Shift{other, third}, Shift{last, from}});
                    }
                }
            }
        }
    }
}

bool Search::improve(HostId host) {
    if (problem_.of_host(host) < limits_.gain_min) return false;
    const std::vector<UnitId> units = movable(host);
    if (units.empty()) return false;
    best_ = {};
    const std::vector<HostId> to = destinations(host);
    const auto first = [&](std::size_t count) { return std::span(to).first(std::min(count, to.size())); };
    try_moves(host, units, first(move_destinations));
    if (best_.shifts.empty()) try_swaps(host, units, first(swap_destinations));
    if (best_.shifts.empty()) try_cycles(host, units, first(cycle_destinations));
    if (best_.shifts.empty()) return false;
    for (const Shift& shift : best_.shifts) problem_.apply(shift);
    vms_ += vms_of(best_.shifts);
    changes_.push_back(best_);
    return true;
}

}  // namespace

std::vector<Change> LocalSearch::improve(Problem& problem, const OptimiserLimits& limits) const {
    return Search(problem, limits).run();
}

}  // namespace ballast
