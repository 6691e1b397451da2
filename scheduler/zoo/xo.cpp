// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/xo.hpp"

namespace ballast::zoo {

std::vector<double> xo_mhz(const PolicyInput& input) {
    std::vector<double> result = mean_mhz(input.cluster, input.history, 1800.0);
    for (std::size_t v = 0; v < result.size(); ++v) {
        result[v] = 0.75 * input.cluster.cpu_mhz(VmId(v)) + 0.25 * result[v];
    }
    return result;
}

std::vector<UnitId> xo_movable_units(Peer& peer, HostId host, double rest_s) {
    std::vector<UnitId> units = peer.movable_units(host, rest_s);
    std::erase_if(units, [&](UnitId unit) {
        for (const VmId vm : peer.draft().units().members(unit)) {
            for (const RuleId rule : peer.cluster().inventory().rules_of(vm)) {
                const RuleKind kind = peer.cluster().rule(rule).kind;
                if (kind != RuleKind::affinity && kind != RuleKind::anti_affinity) continue;
                Reason reason;
                reason.code = ReasonCode::tagged;
                reason.rule = rule;
                peer.draft().stay(unit, reason);
                return true;
            }
        }
        return false;
    });
    return units;
}

}  // namespace ballast::zoo
