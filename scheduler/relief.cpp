// SPDX-License-Identifier: Apache-2.0
#include "scheduler/relief.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scheduler/cover.hpp"
#include "scheduler/host_index.hpp"
#include "scheduler/needy.hpp"
#include "scheduler/packing_order.hpp"

namespace ballast {

namespace {

class Relief {
  public:
    Relief(Draft& draft, const ReliefOptions& options, Packer* packer)
        : draft_(draft), options_(options), packer_(packer), needy_(find_needy(draft, options)) {}

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
        return Level{needy.all ? options_.enter : options_.exit, options_.memory, needy.all};
    }
    [[nodiscard]] double excess(const Needy& needy, Resource r) const { return ballast::excess(placement(), needy, r); }
    [[nodiscard]] bool still_needy(const Needy& needy) const {
        if (needy.all) return placement().vm_count(needy.host) > 0;
        return (needy.cpu && excess(needy, Resource::cpu) > 0.0) ||
               (needy.memory && excess(needy, Resource::memory) > 0.0);
    }

    void lighten(const Needy& needy, HostIndex& hosts);
    void evacuate(const Needy& needy, HostIndex& hosts);
    [[nodiscard]] bool make_room(UnitId unit, const Needy& needy);
    [[nodiscard]] bool push_on(UnitId unit, HostId from, UnitId for_unit);
    void rollback(std::size_t mark);
    void take_off(const Needy& needy, Resource resource, HostIndex& hosts);
    void move(UnitId unit, const Needy& needy, HostIndex& hosts, std::size_t position, double relief_mhz);
    void move_to_open(UnitId unit, const Reason& reason, HostId to, double relief_mhz);
    void refresh(HostId host);
    [[nodiscard]] bool pack(UnitId unit, const Needy& needy, const HostIndex& hosts, double relief_mhz);
    [[nodiscard]] static Urgency urgency_of(const Needy& needy) {
        return needy.all ? Urgency::evacuation : Urgency::relief;
    }
    [[nodiscard]] std::vector<UnitId> movable_units(const Needy& needy) const;
    [[nodiscard]] Priority priority(UnitId unit) const { return draft_.priority(unit); }
    [[nodiscard]] std::size_t choose(const std::vector<UnitId>& units, const Needy& needy, Resource resource) const;
    [[nodiscard]] std::size_t destination(UnitId unit, const Needy& needy, const HostIndex& hosts) const;
    void give_way();
    void let_soft_rules_hold(bool hold);
    void wake();
    void wake_for(Needy& needy, std::vector<HostId>& coming, HostIndex& asleep);
    [[nodiscard]] std::size_t next_taker(const Needy& needy, const HostIndex& asleep, std::size_t begin) const;
    void conclude(const Needy& needy);
    void explain(const Needy& needy);
    [[nodiscard]] Reason not_needed(UnitId unit, const Needy& needy) const;

    Draft& draft_;
    const ReliefOptions& options_;
    Packer* packer_;
    std::vector<Needy> needy_;
    std::optional<HostIndex> open_;  // the hosts that are open now, by id
    bool soft_rules_hold_ = true;
};

// `position`: of the destination in `hosts`.
void Relief::move(UnitId unit, const Needy& needy, HostIndex& hosts, std::size_t position, double relief_mhz) {
    if (&hosts != &*open_) {  // a trial, to hosts that are not open: it will be taken back
        draft_.move(unit, hosts.host(position), needy.reason, relief_mhz);
        hosts.update(position);
        return;
    }
    move_to_open(unit, needy.reason, hosts.host(position), relief_mhz);
}

void Relief::refresh(HostId host) {
    const auto open = draft_.feasibility().open_hosts();
    const auto found = std::lower_bound(open.begin(), open.end(), host);
    if (found != open.end() && *found == host) open_->update(static_cast<std::size_t>(found - open.begin()));
}

void Relief::move_to_open(UnitId unit, const Reason& reason, HostId to, double relief_mhz) {
    const HostId from = placement().host_of(draft_.units().members(unit).front());
    Reason why = reason;
    if (!soft_rules_hold_) why.rule = draft_.feasibility().soft_cost(unit, to).heaviest;
    if (packer_ != nullptr) {
        packer_->move(unit, to, why, relief_mhz);
    } else {
        draft_.move(unit, to, why, relief_mhz);
    }
    refresh(from);
    refresh(to);
}

// Where the packer says, if there is one and it says anything.
bool Relief::pack(UnitId unit, const Needy& needy, const HostIndex& hosts, double relief_mhz) {
    if (packer_ == nullptr || &hosts != &*open_ || !soft_rules_hold_) return false;
    const HostId to = packer_->find(unit, needy.host, true);
    if (to.valid()) move_to_open(unit, needy.reason, to, relief_mhz);
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

std::vector<UnitId> Relief::movable_units(const Needy& needy) const {
    std::vector<UnitId> result = units_on(draft_.cluster(), draft_.units(), needy.host);
    std::erase_if(
        result, [&](UnitId unit) { return draft_.moved(unit) || draft_.blocked(unit, urgency_of(needy)).has_value(); });
    return result;
}

void Relief::lighten(const Needy& needy, HostIndex& hosts) {
    if (!draft_.may_move(1)) return;
    if (needy.all) evacuate(needy, hosts);
    if (needy.cpu) take_off(needy, Resource::cpu, hosts);
    if (needy.memory) take_off(needy, Resource::memory, hosts);
}

// The highest priority first, of one priority the largest: what is hard to place goes while there is most room.
void Relief::evacuate(const Needy& needy, HostIndex& hosts) {
    std::vector<UnitId> units = movable_units(needy);
    const ResourceVector& usable = placement().usable(needy.host);
    const auto share = [&](UnitId unit) {
        const ResourceVector need = draft_.feasibility().need(unit);
        return std::max(need.cpu_mhz() / usable.cpu_mhz(), need.memory_bytes() / usable.memory_bytes());
    };
    std::stable_sort(units.begin(), units.end(), [&](UnitId a, UnitId b) {
        if (priority(a) != priority(b)) return priority(a) > priority(b);
        return share(a) > share(b);
    });
    for (const UnitId unit : units) {
        if (!draft_.may_move(draft_.units().members(unit).size())) continue;
        if (pack(unit, needy, hosts, 0.0)) continue;
        const std::size_t to = destination(unit, needy, hosts);
        if (to != HostIndex::none) {
            move(unit, needy, hosts, to, 0.0);
        } else if (&hosts == &*open_ && soft_rules_hold_) {
            (void)make_room(unit, needy);
        }
    }
}

void Relief::rollback(std::size_t mark) {
    std::vector<HostId> touched;
    for (const Move& move : draft_.moves().subspan(mark)) {
        touched.push_back(move.from);
        touched.push_back(move.to);
    }
    if (packer_ != nullptr) {
        packer_->rollback(mark);
    } else {
        draft_.rollback(mark);
    }
    for (const HostId host : touched) refresh(host);
}

// Moves a unit that is on `from` to a third host, so that `for_unit` can come.
bool Relief::push_on(UnitId unit, HostId from, UnitId for_unit) {
    const Level level{options_.exit, options_.memory};
    const std::size_t to = open_->lowest_peak(unit, from, level);
    if (to == HostIndex::none) return false;
    Reason reason;
    reason.code = ReasonCode::make_room;
    reason.host = from;
    reason.vm = draft_.units().members(for_unit).front();
    move_to_open(unit, reason, open_->host(to), 0.0);
    return true;
}

// Tried are hosts that refuse the unit for want of room only, those that lack the smallest part first.
bool Relief::make_room(UnitId unit, const Needy& needy) {
    constexpr int tries_max = 256;
    struct Candidate {
        HostId host;
        double over;
    };
    std::vector<Candidate> candidates;
    for (const HostId host : draft_.feasibility().open_hosts()) {
        const auto refused = draft_.feasibility().arriving(unit, host, level_for(needy));
        if (host == needy.host || !refused || refused->code != ReasonCode::resource_fit) continue;
        candidates.push_back({host, refused->value / refused->limit});
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.over < b.over; });
    int tries = 0;
    for (const Candidate& candidate : candidates) {
        std::vector<UnitId> others = units_on(draft_.cluster(), draft_.units(), candidate.host);
        std::erase_if(others, [&](UnitId other) { return priority(other) > priority(unit); });
        std::stable_sort(others.begin(), others.end(), [&](UnitId a, UnitId b) { return priority(a) < priority(b); });
        for (const UnitId other : others) {
            if (draft_.moved(other) || draft_.blocked(other, Urgency::relief)) continue;
            const std::size_t vms = draft_.units().members(unit).size() + draft_.units().members(other).size();
            if (++tries > tries_max) return false;
            if (!draft_.may_move(vms)) continue;
            const std::size_t before = draft_.move_count();
            if (push_on(other, candidate.host, unit) &&
                !draft_.feasibility().arriving(unit, candidate.host, level_for(needy))) {
                move_to_open(unit, needy.reason, candidate.host, 0.0);
                return true;
            }
            rollback(before);
        }
    }
    return false;
}

// Of these units the one to move next, as a position. As many of the lowest priorities are looked at as are enough.
std::size_t Relief::choose(const std::vector<UnitId>& units, const Needy& needy, Resource resource) const {
    std::vector<CoverItem> items;
    std::vector<std::size_t> positions;
    double relief = 0.0;
    for (const Priority considered : all_priorities) {
        for (std::size_t i = 0; i < units.size(); ++i) {
            if (priority(units[i]) != considered) continue;
            double bytes = 0.0;
            for (const VmId vm : draft_.units().members(units[i])) bytes += draft_.cluster().migrated_bytes(vm);
            items.push_back({draft_.feasibility().need(units[i])[resource], bytes});
            positions.push_back(i);
            relief += items.back().relief;
        }
        if (relief >= excess(needy, resource)) break;
    }
    return positions[choose_cover(items, excess(needy, resource)).front()];
}

void Relief::take_off(const Needy& needy, Resource resource, HostIndex& hosts) {
    std::vector<UnitId> units = movable_units(needy);
    std::erase_if(units, [&](UnitId unit) { return draft_.feasibility().need(unit)[resource] <= 0.0; });
    while (!units.empty() && excess(needy, resource) > 0.0) {
        const std::size_t chosen = choose(units, needy, resource);
        const UnitId unit = units[chosen];
        units.erase(units.begin() + static_cast<std::ptrdiff_t>(chosen));
        if (!draft_.may_move(draft_.units().members(unit).size())) continue;
        const double relief = std::min(draft_.feasibility().need(unit)[resource], excess(needy, resource));
        const double relief_mhz = resource == Resource::cpu ? relief : 0.0;
        if (pack(unit, needy, hosts, relief_mhz)) continue;
        const std::size_t to = destination(unit, needy, hosts);
        if (to != HostIndex::none) move(unit, needy, hosts, to, relief_mhz);
    }
}

void Relief::wake() {
    draft_.retract_wakes();  // of an earlier pass
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
    for (const UnitId unit : movable_units(needy)) {
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
        if (reason.code == ReasonCode::relieve_overload) {
            reason.code = ReasonCode::wake_for_overload;
            reason.host = host;
        }
        draft_.verdict(host, HostAction::wake, reason);
        coming.push_back(host);
        asleep.show(i, false);
    }
    needy.helped_by_waking = !still_needy(needy);
}

Reason Relief::not_needed(UnitId unit, const Needy& needy) const {
    const auto moves = draft_.moves();
    const bool spared = std::any_of(moves.begin(), moves.end(), [&](const Move& move) {
        return move.from == needy.host && draft_.cluster().spec(move.vm).priority < priority(unit);
    });
    Reason reason;
    reason.code = spared ? ReasonCode::spared : ReasonCode::not_needed;
    reason.host = needy.host;
    reason.resource = needy.cpu ? Resource::cpu : Resource::memory;
    reason.value = placement().utilisation(needy.host, reason.resource);
    reason.limit = needy.cpu ? needy.cpu_goal : needy.memory_goal;
    return reason;
}

// What becomes of a host in maintenance that had VMs.
void Relief::conclude(const Needy& needy) {
    const std::size_t before = draft_.cluster().vms_on(needy.host).size();
    if (!needy.all || before == 0) return;
    Reason reason;
    reason.code = ReasonCode::drained;
    reason.host = needy.host;
    reason.value = static_cast<double>(before);
    if (const std::size_t left = placement().vm_count(needy.host); left > 0) {
        reason.code = needy.helped_by_waking ? ReasonCode::drain_waits : ReasonCode::drain_blocked;
        reason.value = static_cast<double>(left);
        for (const VmId vm : draft_.cluster().vms_on(needy.host)) {
            if (reason.vm.valid() || placement().host_of(vm) != needy.host) continue;
            reason.vm = vm;
        }
    }
    draft_.verdict(needy.host, HostAction::none, reason);
}

void Relief::explain(const Needy& needy) {
    conclude(needy);
    for (const UnitId unit : units_on(draft_.cluster(), draft_.units(), needy.host)) {
        if (draft_.moved(unit)) continue;
        if (const auto block = draft_.blocked(unit, urgency_of(needy))) {
            draft_.stay(unit, block->reason);
        } else if (!still_needy(needy)) {
            draft_.stay(unit, not_needed(unit, needy));
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
