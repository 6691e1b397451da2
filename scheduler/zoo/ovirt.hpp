// SPDX-License-Identifier: Apache-2.0
// What oVirt's two balancing policies share: who counts as over-utilised, and one round of balancing.
//
// A load is CPU use in whole percent, rounded up. oVirt keeps one time stamp per host, set when the load leaves the
// band between low and high on either side and cleared when it is back in it; a load counts once the stamp is
// `duration` old. So a host that jumps from idle to overloaded counts as sustained at once; that is oVirt's way.
//
// A round: sources in the order given, the VMs of each by CPU use, smallest first. Destinations are those given that
// stay at or below `high` with the VM and that nothing forbids; they and the source are ranked, by CPU (factor 2) and
// by memory (factor 1): in each a host gets as many points as there are worse ones. If the source has the most points
// the next VM is tried. The first VM that moves ends the round.
#pragma once

#include <vector>

#include "scheduler/zoo/peer.hpp"

namespace ballast::zoo {

class Ovirt {
  public:
    enum class Prefer : std::uint8_t { least_loaded, fullest };
    struct Levels {
        double high;        // fraction
        double low;         // fraction
        double duration_s;  // for which a load must have been outside of the two
    };
    static constexpr double round_s = 60.0;  // VdsLoadBalancingIntervalInMinutes = 1

    // Refers to `peer` while it lives. O((hosts + VMs) * samples of the duration).
    Ovirt(Peer& peer, const History& history, const Levels& levels, Prefer prefer);

    // CPU use in percent, a whole number.
    [[nodiscard]] double percent(HostId host) const;
    // At or above / below the level, long enough, and with a VM.
    [[nodiscard]] bool over(HostId host, double level_percent) const;
    [[nodiscard]] bool under(HostId host, double level_percent) const;
    // The level below which a host may take VMs when loads are evened out: min(80 % of high, high - 10 points).
    [[nodiscard]] double destination_percent() const;
    [[nodiscard]] double high_percent() const;
    [[nodiscard]] double low_percent() const;

    // True if a VM has moved. `why`: of the move, to be completed with source, load and `limit` (fraction).
    bool balance(const std::vector<HostId>& sources, const std::vector<HostId>& destinations, ReasonCode why,
                 double limit);

    // Says of hosts at or above `high` at the begin, and of their VMs, why nothing more is done.
    void explain();

  private:
    struct Candidate {
        HostId host;
        double cpu_weight = 0.0;  // the less the better
        double memory_weight = 0.0;
    };

    [[nodiscard]] bool outside(double percent) const;
    [[nodiscard]] bool stamped(HostId host) const { return outside_[host.index()] >= needed_; }
    bool try_unit(UnitId unit, HostId source, const std::vector<HostId>& destinations, const Reason& reason);
    [[nodiscard]] Candidate candidate(UnitId unit, HostId host, bool is_there) const;
    [[nodiscard]] static HostId best_of(const std::vector<Candidate>& candidates);

    Peer& peer_;
    Levels levels_;
    Prefer prefer_;
    std::size_t needed_;                // samples of the duration
    std::vector<std::size_t> outside_;  // by host: newest samples in a row outside of the band, at most needed_
};

}  // namespace ballast::zoo
