// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/ovirt_even.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/ovirt.hpp"
#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { high, duration };

constexpr std::array<PolicyOptionHelp, 2> option_table = {{
    {"high", "fraction", 0.80, 0.1, 1.0, "HighUtilization: hosts at or above it give VMs away"},
    {"duration", "s", 120.0, 0.0, 604800.0, "CpuOverCommitDurationMinutes: after so long at or above it"},
}};

constexpr PolicyHelp help{
    "ovirt-even", "oVirt engine 0111fc6, evenly_distributed: one small VM a minute off a hot host", option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) {
    return mean_mhz(input.cluster, input.history, 0.0);
}

// True if a VM has moved.
bool balance_once(Peer& peer, Ovirt& ovirt, double level) {
    std::vector<HostId> sources;
    std::vector<HostId> destinations;
    for (const HostId host : peer.hosts()) {
        if (ovirt.over(host, ovirt.high_percent())) sources.push_back(host);
        if (ovirt.percent(host) < ovirt.destination_percent()) destinations.push_back(host);
    }
    std::stable_sort(sources.begin(), sources.end(),
                     [&](HostId a, HostId b) { return ovirt.percent(a) > ovirt.percent(b); });
    return ovirt.balance(sources, destinations, ReasonCode::relieve_overload, level);
}

void decide(const PolicyInput& input, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Ovirt ovirt(peer, input.history, {values[high], 0.0, values[duration]}, Ovirt::Prefer::least_loaded);
    std::size_t rounds = rounds_of(Ovirt::round_s, input.history);
    while (rounds > 0 && balance_once(peer, ovirt, values[high])) --rounds;
    ovirt.explain();
}

}  // namespace

const PolicyHelp& ovirt_even_help() { return help; }

Result<std::unique_ptr<Policy>> make_ovirt_even(std::string_view options) {
    return make_table_policy({help, load_of, decide, high}, options);
}

}  // namespace ballast::zoo
