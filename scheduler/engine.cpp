// SPDX-License-Identifier: Apache-2.0
#include "scheduler/engine.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/checker.hpp"
#include "scheduler/sequence.hpp"

namespace ballast {

namespace {

// What the sequencer relies on: known ids, moves that start where the VM is and lead elsewhere, one move or stay per
// VM, one verdict per host. Returns what is wrong, or nothing.
std::string flaw_of(const Cluster& cluster, const Proposal& proposal) {
    std::vector<std::uint32_t> moves(cluster.vm_count(), 0);
    const auto known = [&](VmId vm) { return vm.valid() && vm.index() < cluster.vm_count(); };
    for (const Move& move : proposal.moves) {
        if (!known(move.vm)) return "it moves a VM that is not in the cluster";
        const std::string who = "it moves " + cluster.spec(move.vm).name;
        if (!move.to.valid() || move.to.index() >= cluster.host_count()) return who + " to an unknown host";
        if (move.from != cluster.state(move.vm).host) return who + " from a host it is not on";
        if (move.to == move.from) return who + " to the host it is on";
        ++moves[move.vm.index()];
    }
    for (std::size_t v = 0; v < moves.size(); ++v) {
        const std::size_t decisions = moves[v] + (proposal.stays.contains(VmId(v)) ? 1U : 0U);
        if (decisions != 1) return cluster.spec(VmId(v)).name + " has " + std::to_string(decisions) + " decisions";
    }
    if (proposal.moves.size() + proposal.stays.size() != cluster.vm_count()) {
        return "it keeps a VM that is not in the cluster";
    }
    if (proposal.hosts.size() != cluster.host_count()) return "it has not one verdict per host";
    for (std::size_t h = 0; h < proposal.hosts.size(); ++h) {
        if (proposal.hosts[h].host != HostId(h)) return "its verdicts are not in the order of the hosts";
    }
    return {};
}

Status refused(const Policy& policy, const std::string& what) {
    return fail(ErrorKind::refused, "policy \"" + policy.specification() +
                                        "\" made a bad decision (an error in Ballast; nothing was done): " + what);
}

}  // namespace

Result<Decision> decide(const PolicyInput& input, const Policy& policy, Rng& rng) {
    Decision decision;
    decision.proposal = policy.propose(input, rng);
    if (const std::string flaw = flaw_of(input.cluster, decision.proposal); !flaw.empty()) {
        return tl::unexpected(refused(policy, flaw).error());
    }
    decision.plan = sequence(input.cluster, decision.proposal);
    if (const auto violations = check_plan(input.cluster, decision.plan); !violations.empty()) {
        return tl::unexpected(refused(policy, violations.front().message).error());
    }
    return decision;
}

}  // namespace ballast
