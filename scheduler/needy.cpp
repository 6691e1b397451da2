// SPDX-License-Identifier: Apache-2.0
#include "scheduler/needy.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace ballast {

namespace {

class Finder {
  public:
    Finder(Draft& draft, const ReliefOptions& options) : draft_(draft), options_(options) {}

    [[nodiscard]] std::vector<Needy> run() {
        find_maintenance();
        if (options_.hot_hosts) find_hot();
        std::stable_sort(needy_.begin(), needy_.end(), [&](const Needy& a, const Needy& b) {
            if (a.all != b.all) return a.all;
            if (a.highest != b.highest) return a.highest > b.highest;
            return draft_.cluster().cpu_utilisation(a.host) > draft_.cluster().cpu_utilisation(b.host);
        });
        return std::move(needy_);
    }

  private:
    [[nodiscard]] const Placement& placement() const { return draft_.placement(); }
    void find_maintenance();
    void find_hot();
    [[nodiscard]] Needy look_at(HostId host) const;
    void need_help(Needy needy);
    void wait_and_see(HostId host, std::size_t samples, std::size_t needed);

    Draft& draft_;
    const ReliefOptions& options_;
    std::vector<Needy> needy_;
};

void Finder::find_maintenance() {
    for (std::size_t h = 0; h < draft_.cluster().host_count(); ++h) {
        const HostId host(h);
        if (!draft_.cluster().state(host).maintenance || draft_.feasibility().source_refusal(host)) continue;
        Reason reason;
        reason.code = ReasonCode::leave_maintenance;
        reason.host = host;
        Needy needy;
        needy.host = host;
        needy.all = true;
        needy.reason = reason;
        need_help(needy);
        reason.code = ReasonCode::host_maintenance;
        draft_.verdict(host, HostAction::none, reason);
    }
}

void Finder::need_help(Needy needy) {
    for (const VmId vm : draft_.cluster().vms_on(needy.host)) {
        needy.highest = std::max(needy.highest, draft_.cluster().spec(vm).priority);
    }
    needy_.push_back(needy);
}

// A host that is too hot, or does not give its VMs what they ask for; in neither resource, if it is content.
Needy Finder::look_at(HostId host) const {
    constexpr double pressure_leaves = 0.9;  // of what a host under pressure carries: then it is looked at anew
    Needy needy;
    needy.host = host;
    needy.cpu_goal = options_.exit;
    needy.memory_goal = options_.memory;
    const bool judged = !draft_.pressure().stale(host);
    if (const auto sign = draft_.pressure().of_memory(host); sign && judged) {
        const ResourceVector& usable = placement().usable(host);
        const double share = draft_.cluster().used(host).memory_bytes() / usable.memory_bytes();
        needy.memory = true;
        needy.memory_goal = std::min(needy.memory_goal, pressure_leaves * share);
        needy.reason = *sign;
    } else if (excess(placement(), needy, Resource::memory) > 0.0) {
        needy.memory = true;
        needy.reason.code = ReasonCode::relieve_overload;
        needy.reason.host = host;
        needy.reason.resource = Resource::memory;
        needy.reason.value = placement().utilisation(host, Resource::memory);
        needy.reason.limit = options_.memory;
    }
    if (const auto sign = draft_.pressure().of_cpu(host); sign && judged) {
        const double share = draft_.window().need_mhz(host) / placement().usable(host).cpu_mhz();
        needy.cpu = true;
        needy.cpu_goal = std::min(needy.cpu_goal, pressure_leaves * share);
        needy.reason = *sign;
    }
    const bool above = draft_.cluster().cpu_utilisation(host) > options_.enter;
    if (above && draft_.window().samples_above(host, options_.enter) >= draft_.options().sustain) {
        needy.cpu = true;
        needy.reason = draft_.load_reason(ReasonCode::relieve_overload, host, options_.enter);
    }
    return needy;
}

// It has been hot, or under pressure, in too few samples yet.
void Finder::wait_and_see(HostId host, std::size_t samples, std::size_t needed) {
    Reason reason = draft_.load_reason(ReasonCode::not_sustained, host, 0.0);
    reason.value = static_cast<double>(samples);
    reason.limit = static_cast<double>(needed);
    draft_.stay_all(host, reason);
    draft_.verdict(host, HostAction::none, reason);
}

void Finder::find_hot() {
    for (std::size_t h = 0; h < draft_.cluster().host_count(); ++h) {
        const HostId host(h);
        if (draft_.cluster().state(host).maintenance || draft_.feasibility().source_refusal(host)) continue;
        const Needy needy = look_at(host);
        if (needy.cpu || needy.memory) {
            need_help(needy);
            draft_.verdict(host, HostAction::none, needy.reason);
        } else if (draft_.cluster().cpu_utilisation(host) > options_.enter) {
            wait_and_see(host, draft_.window().samples_above(host, options_.enter), draft_.options().sustain);
        } else if (draft_.pressure().any(host)) {  // stale
            wait_and_see(host, 0, draft_.pressure().samples());
        }
    }
}

}  // namespace

double excess(const Placement& placement, const Needy& needy, Resource resource) {
    const double goal = resource == Resource::memory ? needy.memory_goal : needy.cpu_goal;
    const double limit = placement.usable(needy.host)[resource] * goal;
    const double used = placement.used(needy.host)[resource];
    return fits(resource, used, limit) ? 0.0 : used - limit;
}

std::vector<Needy> find_needy(Draft& draft, const ReliefOptions& options) { return Finder(draft, options).run(); }

}  // namespace ballast
