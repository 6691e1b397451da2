// SPDX-License-Identifier: Apache-2.0
#include "scheduler/relief.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scheduler/cover.hpp"
#include "scheduler/host_index.hpp"
#include "scheduler/packing_order.hpp"

namespace ballast {

namespace {

// A host that something has to leave, and why.
struct Needy {
    HostId host;
    bool all = false;  // in maintenance: everything has to leave
    bool cpu = false;  // hot in this resource
    bool memory = false;
    Reason reason;  // of the moves off it
    bool helped_by_waking = false;
};

class Relief {
  public:
    Relief(Draft& draft, const ReliefOptions& options, Packer* packer)
        : draft_(draft), options_(options), packer_(packer) {
        find_maintenance();
        find_hot();
        std::stable_sort(needy_.begin(), needy_.end(), [&](const Needy& a, const Needy& b) {
            if (a.all != b.all) return a.all;
            return draft_.cluster().cpu_utilisation(a.host) > draft_.cluster().cpu_utilisation(b.host);
        });
    }

    void run() {
        if (needy_.empty()) return;
        open_.emplace(placement(), draft_.feasibility(), draft_.feasibility().open_hosts(), HostIndex::Blocks::by_load);
        std::size_t before = 0;
        do {
            before = draft_.move_count();
            for (const Needy& needy : needy_) lighten(needy, *open_);
        } while (draft_.move_count() > before);
        wake();
        if (draft_.cluster().inventory().has_soft_rules()) give_way();
        for (const Needy& needy : needy_) {
            draft_.feasibility().let_soft_rules_hold(needy.helped_by_waking);  // as they did when it was decided last
            explain(needy);
        }
        draft_.feasibility().let_soft_rules_hold(true);
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
    void lighten(const Needy& needy, HostIndex& hosts);
    void evacuate(const Needy& needy, HostIndex& hosts);
    void take_off(const Needy& needy, Resource resource, HostIndex& hosts);
    void move(UnitId unit, const Needy& needy, HostIndex& hosts, std::size_t position, double relief_mhz);
    void move_to_open(UnitId unit, const Needy& needy, HostId to, double relief_mhz);
    [[nodiscard]] bool pack(UnitId unit, const Needy& needy, const HostIndex& hosts, double relief_mhz);
    [[nodiscard]] std::vector<UnitId> movable_units(HostId host) const;
    [[nodiscard]] std::size_t destination(UnitId unit, const Needy& needy, const HostIndex& hosts) const;
    void give_way();
    void let_soft_rules_hold(bool hold);
    void wake();
    void wake_for(Needy& needy, std::vector<HostId>& coming, HostIndex& asleep);
    [[nodiscard]] std::size_t next_taker(const Needy& needy, const HostIndex& asleep, std::size_t begin) const;
    void explain(const Needy& needy);
    [[nodiscard]] Reason not_needed(const Needy& needy) const;

    Draft& draft_;
    const ReliefOptions& options_;
    Packer* packer_;
    std::vector<Needy> needy_;
    std::optional<HostIndex> open_;  // the hosts that are open now, by id
    bool soft_rules_hold_ = true;
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
            draft_.stay_all(host, reason);
            draft_.verdict(host, HostAction::none, reason);
        }
    }
}

// `position`: of the destination in `hosts`.
void Relief::move(UnitId unit, const Needy& needy, HostIndex& hosts, std::size_t position, double relief_mhz) {
    if (&hosts != &*open_) {  // a trial, to hosts that are not open: it will be taken back
        draft_.move(unit, hosts.host(position), needy.reason, relief_mhz);
        hosts.update(position);
        return;
    }
    move_to_open(unit, needy, hosts.host(position), relief_mhz);
}

void Relief::move_to_open(UnitId unit, const Needy& needy, HostId to, double relief_mhz) {
    Reason reason = needy.reason;
    if (!soft_rules_hold_) reason.rule = draft_.feasibility().soft_cost(unit, to).heaviest;
    if (packer_ != nullptr) {
        packer_->move(unit, to, reason, relief_mhz);
    } else {
        draft_.move(unit, to, reason, relief_mhz);
    }
    const auto open = draft_.feasibility().open_hosts();
    for (const HostId host : {needy.host, to}) {
        const auto found = std::lower_bound(open.begin(), open.end(), host);
        if (found != open.end() && *found == host) open_->update(static_cast<std::size_t>(found - open.begin()));
    }
}

// Where the packer says, if there is one and it says anything.
bool Relief::pack(UnitId unit, const Needy& needy, const HostIndex& hosts, double relief_mhz) {
    if (packer_ == nullptr || &hosts != &*open_ || !soft_rules_hold_) return false;
    const HostId to = packer_->find(unit, needy.host, true);
    if (to.valid()) move_to_open(unit, needy, to, relief_mhz);
    return to.valid();
}

// The host with the lowest resulting peak; while soft rules give way, among those that break the least.
std::size_t Relief::destination(UnitId unit, const Needy& needy, const HostIndex& hosts) const {
    const Feasibility& feasibility = draft_.feasibility();
    if (soft_rules_hold_) return hosts.lowest_peak(unit, needy.host, level_for(needy));
    if (!feasibility.has_soft_rules(unit)) return HostIndex::none;  // was tried already
    const ResourceVector need = feasibility.need(unit);
    std::size_t best = HostIndex::none;
    std::pair<double, double> best_cost;  // weight, peak
    for (std::size_t p = 0; p < hosts.size(); ++p) {
        const HostId host = hosts.host(p);
        if (host == needy.host || feasibility.arriving(unit, need, host, level_for(needy))) continue;
        const std::pair cost(feasibility.soft_cost(unit, host).weight, placement().peak_utilisation(host, need));
        if (best != HostIndex::none && cost >= best_cost) continue;
        best = p;
        best_cost = cost;
    }
    return best;
}

void Relief::let_soft_rules_hold(bool hold) {
    soft_rules_hold_ = hold;
    draft_.let_soft_rules_hold(hold);
}

// What neither other hosts nor sleeping ones could help may break soft rules. That may make room for others.
void Relief::give_way() {
    std::size_t before = 0;
    do {
        before = draft_.move_count();
        let_soft_rules_hold(false);
        for (const Needy& needy : needy_) {
            if (!needy.helped_by_waking && still_needy(needy)) lighten(needy, *open_);
        }
        let_soft_rules_hold(true);
        if (draft_.move_count() == before) break;
        for (const Needy& needy : needy_) lighten(needy, *open_);
    } while (draft_.move_count() > before);
}

std::vector<UnitId> Relief::movable_units(HostId host) const {
    std::vector<UnitId> result = units_on(draft_.cluster(), draft_.units(), host);
    std::erase_if(result, [&](UnitId unit) {
        return draft_.moved(unit) || draft_.blocked(unit, draft_.options().relief_cooldown_s).has_value();
    });
    return result;
}

void Relief::lighten(const Needy& needy, HostIndex& hosts) {
    if (!draft_.may_move(1)) return;
    if (needy.all) evacuate(needy, hosts);
    if (needy.cpu) take_off(needy, Resource::cpu, hosts);
    if (needy.memory) take_off(needy, Resource::memory, hosts);
}

// Largest first: what is hard to place goes while there is most room.
void Relief::evacuate(const Needy& needy, HostIndex& hosts) {
    std::vector<UnitId> units = movable_units(needy.host);
    std::stable_sort(units.begin(), units.end(), [&](UnitId a, UnitId b) {
        return draft_.feasibility().need(a).cpu_mhz() > draft_.feasibility().need(b).cpu_mhz();
    });
    for (const UnitId unit : units) {
        if (!draft_.may_move(draft_.units().members(unit).size())) continue;
        if (pack(unit, needy, hosts, 0.0)) continue;
        const std::size_t to = destination(unit, needy, hosts);
        if (to != HostIndex::none) move(unit, needy, hosts, to, 0.0);
    }
}

void Relief::take_off(const Needy& needy, Resource resource, HostIndex& hosts) {
    std::vector<UnitId> units = movable_units(needy.host);
    std::erase_if(units, [&](UnitId unit) { return draft_.feasibility().need(unit)[resource] <= 0.0; });
    while (!units.empty() && excess(needy.host, resource) > 0.0) {
        std::vector<CoverItem> items;
        for (const UnitId unit : units) {
            const ResourceVector need = draft_.feasibility().need(unit);
            items.push_back({need[resource], need.memory_bytes()});
        }
        const std::size_t chosen = choose_cover(items, excess(needy.host, resource)).front();
        const UnitId unit = units[chosen];
        units.erase(units.begin() + static_cast<std::ptrdiff_t>(chosen));
        if (!draft_.may_move(draft_.units().members(unit).size())) continue;
        const double relief_mhz =
            resource == Resource::cpu ? std::min(items[chosen].relief, excess(needy.host, resource)) : 0.0;
        if (pack(unit, needy, hosts, relief_mhz)) continue;
        const std::size_t to = destination(unit, needy, hosts);
        if (to != HostIndex::none) move(unit, needy, hosts, to, relief_mhz);
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
        const bool may_wake = spec && spec->controllable && !draft_.feasibility().power_refusal(host);
        if (power == PowerState::asleep && may_wake && draft_.feasibility().assume_on(host)) asleep.push_back(host);
    }
    if (asleep.empty() && coming.empty()) return;
    std::stable_sort(asleep.begin(), asleep.end(), [&](HostId a, HostId b) {
        return watts_per_mhz(draft_.cluster(), a, options_.exit) < watts_per_mhz(draft_.cluster(), b, options_.exit);
    });
    const std::size_t mark = draft_.move_count();
    HostIndex sleepers(placement(), draft_.feasibility(), asleep);
    for (Needy& needy : needy_) wake_for(needy, coming, sleepers);
    draft_.rollback(mark);
}

// The first host at or after `begin` that takes something of this host; it may turn out not to be needed.
std::size_t Relief::next_taker(const Needy& needy, const HostIndex& asleep, std::size_t begin) const {
    if (begin >= asleep.size() || !draft_.may_move(1) || !still_needy(needy)) return HostIndex::none;
    std::size_t first = HostIndex::none;
    for (const UnitId unit : movable_units(needy.host)) {
        first = std::min(first, asleep.first_fit(unit, needy.host, level_for(needy), begin));
    }
    return first;
}

void Relief::wake_for(Needy& needy, std::vector<HostId>& coming, HostIndex& asleep) {
    if (!draft_.may_move(1) || !still_needy(needy)) return;
    HostIndex waking(placement(), draft_.feasibility(), coming);
    lighten(needy, waking);
    for (std::size_t i = next_taker(needy, asleep, 0); i != HostIndex::none; i = next_taker(needy, asleep, i + 1)) {
        const std::size_t before = draft_.move_count();
        const HostId host = asleep.host(i);
        HostIndex alone(placement(), draft_.feasibility(), std::span(&host, 1));
        lighten(needy, alone);
        if (draft_.move_count() == before) continue;
        Reason reason = needy.reason;
        if (!needy.all) {
            reason.code = ReasonCode::wake_for_overload;
            reason.host = host;
        }
        draft_.verdict(host, HostAction::wake, reason);
        coming.push_back(host);
        asleep.show(i, false);
    }
    needy.helped_by_waking = !still_needy(needy);
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
        if (const auto block = draft_.blocked(unit, draft_.options().relief_cooldown_s)) {
            draft_.stay(unit, block->reason);
        } else if (!still_needy(needy)) {
            draft_.stay(unit, not_needed(needy));
        } else if (const std::size_t to = open_->lowest_peak(unit, needy.host, level_for(needy));
                   to != HostIndex::none) {
            draft_.stay(unit, draft_.move_limit(), open_->host(to));  // it would have gone there
        } else if (const auto refusal = open_->closest(unit, needy.host, level_for(needy));
                   refusal.position != HostIndex::none) {
            draft_.stay(unit, refusal.reason, refusal.reason.host);
        } else {
            Reason reason;
            reason.code = ReasonCode::no_destination;
            draft_.stay(unit, reason);
        }
    }
}

}  // namespace

void relieve(Draft& draft, const ReliefOptions& options, Packer* packer) { Relief(draft, options, packer).run(); }

}  // namespace ballast
