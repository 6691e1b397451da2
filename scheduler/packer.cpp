// SPDX-License-Identifier: Apache-2.0
#include "scheduler/packer.hpp"

#include <algorithm>

namespace ballast {

Packer::Packer(Draft& draft, const PackerOptions& options)
    : draft_(draft),
      target_(options.target),
      level_{options.target, options.memory},
      joint_(draft.problem().plan_jointly(options.margin, options.looks_ahead)),
      order_(draft.cluster(), draft.placement(), draft.feasibility(), draft.feasibility().open_hosts(), options.target,
             options.fullness) {
    for (const HostId host : draft.feasibility().open_hosts()) {
        if (draft.placement().vm_count(host) == 0) spares_.push_back(host);
    }
    std::stable_sort(spares_.begin(), spares_.end(), [&](HostId a, HostId b) {
        return watts_per_mhz(draft.cluster(), a, options.target) < watts_per_mhz(draft.cluster(), b, options.target);
    });
}

bool Packer::has_room(UnitId unit, HostId host) {
    const double usable_mhz = draft_.placement().usable(host).cpu_mhz();
    const double planned_mhz = joint_.planned_mhz(host, draft_.units().members(unit));
    if (fits(Resource::cpu, planned_mhz, target_ * usable_mhz)) return true;
    const double planned = planned_mhz / usable_mhz;
    if (refusal_ && refusal_->value <= planned) return false;
    refusal_.emplace();
    refusal_->code = ReasonCode::planned_load;
    refusal_->host = host;
    refusal_->value = planned;
    refusal_->limit = target_;
    return false;
}

HostId Packer::find(UnitId unit, HostId from, bool spares) {
    refusal_.reset();
    const HostId used = order_.first_fit(unit, from, level_, [&](HostId host) { return has_room(unit, host); });
    if (used.valid() || !spares) return used;
    std::size_t turned_down = 0;
    for (const HostId host : spares_) {
        if (host == from || draft_.placement().vm_count(host) > 0) continue;
        if (draft_.feasibility().arriving(unit, host, level_)) continue;
        if (has_room(unit, host)) return host;
        if (++turned_down == patience) break;
    }
    return {};
}

std::optional<Reason> Packer::closest(UnitId unit, HostId from) const {
    return refusal_ ? refusal_ : order_.closest(unit, from, level_);
}

void Packer::move(UnitId unit, HostId to, const Reason& reason, double relief_mhz) {
    const HostId from = draft_.placement().host_of(draft_.units().members(unit).front());
    draft_.move(unit, to, reason, relief_mhz);
    order_.update(from);
    order_.update(to);
}

void Packer::rollback(std::size_t mark) {
    std::vector<HostId> touched;
    for (const Move& move : draft_.moves().subspan(mark)) {
        touched.push_back(move.from);
        touched.push_back(move.to);
    }
    draft_.rollback(mark);
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const HostId host : touched) order_.update(host);
}

}  // namespace ballast
