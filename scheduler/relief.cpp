// SPDX-License-Identifier: Apache-2.0
#include "scheduler/relief.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "scheduler/cover.hpp"
#include "scheduler/packing_order.hpp"

namespace ballast {

namespace {

struct Destination {
    HostId host;                    // invalid if nobody takes it
    std::optional<Reason> closest;  // if nobody takes it: the refusal that was nearest to a yes
};

// A host that something has to leave, and why.
struct Needy {
    HostId host;
    bool all = false;  // in maintenance: everything has to leave
    bool cpu = false;  // hot in this resource
    bool memory = false;
    Reason reason;  // of the moves off it
};

class Relief {
  public:
    Relief(Draft& draft, const ReliefOptions& options) : draft_(draft), options_(options) {
        find_maintenance();
        find_hot();
        std::stable_sort(needy_.begin(), needy_.end(), [&](const Needy& a, const Needy& b) {
            if (a.all != b.all) return a.all;
            return draft_.cluster().cpu_utilisation(a.host) > draft_.cluster().cpu_utilisation(b.host);
        });
    }

    void run() {
        std::size_t before = 0;
        do {
            before = draft_.move_count();
            for (const Needy& needy : needy_) lighten(needy, draft_.feasibility().open_hosts());
        } while (draft_.move_count() > before);
        wake();
        for (const Needy& needy : needy_) explain(needy);
    }

  private:
    [[nodiscard]] const Placement& placement() const { return draft_.placement(); }
    [[nodiscard]] Level level_for(const Needy& needy) const {
        return Level{needy.all ? options_.enter : options_.exit, options_.memory};
    }
    [[nodiscard]] double excess(HostId host, Resource r) const {
        const double goal = r == Resource::memory ? options_.memory : options_.exit;
        const double limit = placement().usable(host)[r] * goal;
        const double used = placement().used(host)[r];
        return fits(r, used, limit) ? 0.0 : used - limit;
    }
    [[nodiscard]] bool still_needy(const Needy& needy) const {
        if (needy.all) return placement().vm_count(needy.host) > 0;
        return (needy.cpu && excess(needy.host, Resource::cpu) > 0.0) ||
               (needy.memory && excess(needy.host, Resource::memory) > 0.0);
    }

    void find_maintenance();
    void find_hot();
    [[nodiscard]] Destination find_destination(UnitId unit, const Level& level, std::span<const HostId> hosts);
    void lighten(const Needy& needy, std::span<const HostId> hosts);
    void evacuate(const Needy& needy, std::span<const HostId> hosts);
    void take_off(const Needy& needy, Resource resource, std::span<const HostId> hosts);
    [[nodiscard]] std::vector<UnitId> movable_units(HostId host) const;
    void wake();
    void wake_for(const Needy& needy, std::vector<HostId>& coming, std::vector<HostId>& asleep);
    void explain(const Needy& needy);
    [[nodiscard]] Reason not_needed(const Needy& needy) const;

    Draft& draft_;
    const ReliefOptions& options_;
    std::vector<Needy> needy_;
};

void Relief::find_maintenance() {
    for (std::size_t h = 0; h < draft_.cluster().host_count(); ++h) {
        const HostId host(h);
        if (!draft_.cluster().state(host).maintenance || draft_.feasibility().source_refusal(host)) continue;
        Reason reason;
        reason.code = ReasonCode::leave_maintenance;
        reason.host = host;
        needy_.push_back({host, true, false, false, reason});
        reason.code = ReasonCode::host_maintenance;
        draft_.verdict(host, HostAction::none, reason);
    }
}

void Relief::find_hot() {
    for (std::size_t h = 0; h < draft_.cluster().host_count(); ++h) {
        const HostId host(h);
        if (draft_.cluster().state(host).maintenance || draft_.feasibility().source_refusal(host)) continue;
        const bool cpu_now = draft_.cluster().cpu_utilisation(host) > options_.enter;
        const std::size_t above = cpu_now ? draft_.window().samples_above(host, options_.enter) : 0;
        const bool cpu = cpu_now && above >= draft_.options().sustain;
        const bool memory = excess(host, Resource::memory) > 0.0;
        Reason reason = draft_.load_reason(ReasonCode::relieve_overload, host, options_.enter);
        if (cpu || memory) {
            if (!cpu) {
                reason.resource = Resource::memory;
                reason.value = placement().utilisation(host, Resource::memory);
                reason.limit = options_.memory;
            }
            needy_.push_back({host, false, cpu, memory, reason});
            draft_.verdict(host, HostAction::none, reason);
        } else if (cpu_now) {
            reason.code = ReasonCode::not_sustained;
            reason.value = static_cast<double>(above);
            reason.limit = static_cast<double>(draft_.options().sustain);
            for (const VmId vm : draft_.cluster().vms_on(host)) draft_.stay(vm, reason);
            draft_.verdict(host, HostAction::none, reason);
        }
    }
}

Destination Relief::find_destination(UnitId unit, const Level& level, std::span<const HostId> hosts) {
    const HostId from = placement().host_of(draft_.units().members(unit).front());
    Destination best;
    double best_peak = 0.0;
    for (const HostId host : hosts) {
        if (host == from) continue;
        const double peak = placement().peak_utilisation(host, draft_.feasibility().need(unit));
        if (best.host.valid() && peak >= best_peak) continue;  // it would not be chosen
        if (!draft_.feasibility().takes(unit, host, level, best.closest)) continue;
        best.host = host;
        best_peak = peak;
    }
    return best;
}

std::vector<UnitId> Relief::movable_units(HostId host) const {
    std::vector<UnitId> result = units_on(draft_.cluster(), draft_.units(), host);
    std::erase_if(result, [&](UnitId unit) { return draft_.moved(unit) || draft_.blocked(unit).has_value(); });
    return result;
}

void Relief::lighten(const Needy& needy, std::span<const HostId> hosts) {
    if (needy.all) evacuate(needy, hosts);
    if (needy.cpu) take_off(needy, Resource::cpu, hosts);
    if (needy.memory) take_off(needy, Resource::memory, hosts);
}

// Largest first: what is hard to place goes while there is most room.
void Relief::evacuate(const Needy& needy, std::span<const HostId> hosts) {
    std::vector<UnitId> units = movable_units(needy.host);
    std::stable_sort(units.begin(), units.end(), [&](UnitId a, UnitId b) {
        return draft_.feasibility().need(a).cpu_mhz() > draft_.feasibility().need(b).cpu_mhz();
    });
    for (const UnitId unit : units) {
        if (!draft_.may_move(draft_.units().members(unit).size())) continue;
        const Destination to = find_destination(unit, level_for(needy), hosts);
        if (to.host.valid()) draft_.move(unit, to.host, needy.reason, 0.0);
    }
}

void Relief::take_off(const Needy& needy, Resource resource, std::span<const HostId> hosts) {
    std::vector<UnitId> units = movable_units(needy.host);
    std::erase_if(units, [&](UnitId unit) { return draft_.feasibility().need(unit)[resource] <= 0.0; });
    while (!units.empty() && excess(needy.host, resource) > 0.0) {
        std::vector<CoverItem> items;
        for (const UnitId unit : units) {
            const ResourceVector& need = draft_.feasibility().need(unit);
            items.push_back({need[resource], need.memory_bytes()});
        }
        const std::size_t chosen = choose_cover(items, excess(needy.host, resource)).front();
        const UnitId unit = units[chosen];
        units.erase(units.begin() + static_cast<std::ptrdiff_t>(chosen));
        if (!draft_.may_move(draft_.units().members(unit).size())) continue;
        const Destination to = find_destination(unit, level_for(needy), hosts);
        if (!to.host.valid()) continue;
        const double relief_mhz = std::min(items[chosen].relief, excess(needy.host, resource));
        draft_.move(unit, to.host, needy.reason, resource == Resource::cpu ? relief_mhz : 0.0);
    }
}

void Relief::wake() {
    std::vector<HostId> coming;
    std::vector<HostId> asleep;
    for (std::size_t h = 0; h < draft_.cluster().host_count(); ++h) {
        const HostId host(h);
        const PowerState power = draft_.cluster().state(host).power;
        const auto& spec = draft_.cluster().spec(host).power;
        if (power == PowerState::waking && draft_.feasibility().assume_on(host)) coming.push_back(host);
        if (power == PowerState::asleep && spec && spec->controllable && draft_.feasibility().assume_on(host)) {
            asleep.push_back(host);
        }
    }
    if (asleep.empty()) return;
    std::stable_sort(asleep.begin(), asleep.end(), [&](HostId a, HostId b) {
        return watts_per_mhz(draft_.cluster(), a, options_.exit) < watts_per_mhz(draft_.cluster(), b, options_.exit);
    });
    const std::size_t mark = draft_.move_count();
    for (const Needy& needy : needy_) wake_for(needy, coming, asleep);
    draft_.rollback(mark);
}

void Relief::wake_for(const Needy& needy, std::vector<HostId>& coming, std::vector<HostId>& asleep) {
    if (still_needy(needy)) lighten(needy, coming);
    for (std::size_t i = 0; i < asleep.size() && still_needy(needy);) {
        const std::size_t before = draft_.move_count();
        const HostId host = asleep[i];
        lighten(needy, std::span(&host, 1));
        if (draft_.move_count() == before) {
            ++i;  // it cannot take anything of this host; perhaps of another
            continue;
        }
        Reason reason = needy.reason;
        if (!needy.all) {
            reason.code = ReasonCode::wake_for_overload;
            reason.host = host;
        }
        draft_.verdict(host, HostAction::wake, reason);
        coming.push_back(host);
        asleep.erase(asleep.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

Reason Relief::not_needed(const Needy& needy) const {
    Reason reason;
    reason.code = ReasonCode::not_needed;
    reason.host = needy.host;
    reason.resource = needy.cpu ? Resource::cpu : Resource::memory;
    reason.value = placement().utilisation(needy.host, reason.resource);
    reason.limit = needy.cpu ? options_.exit : options_.memory;
    return reason;
}

void Relief::explain(const Needy& needy) {
    for (const UnitId unit : units_on(draft_.cluster(), draft_.units(), needy.host)) {
        if (draft_.moved(unit)) continue;
        if (const auto block = draft_.blocked(unit)) {
            draft_.stay(unit, block->reason);
        } else if (!still_needy(needy)) {
            draft_.stay(unit, not_needed(needy));
        } else if (const Destination to = find_destination(unit, level_for(needy), draft_.feasibility().open_hosts());
                   to.host.valid()) {
            draft_.stay(unit, draft_.move_limit(), to.host);  // it would have gone there
        } else if (to.closest) {
            draft_.stay(unit, *to.closest, to.closest->host);
        } else {
            Reason reason;
            reason.code = ReasonCode::no_destination;
            draft_.stay(unit, reason);
        }
    }
}

}  // namespace

void relieve(Draft& draft, const ReliefOptions& options) { Relief(draft, options).run(); }

}  // namespace ballast
