// SPDX-License-Identifier: Apache-2.0
// What the VMs of a host need together, soon: not the sum of their peaks, because they do not peak at once.
//
// The joint series of a set of VMs is x_t = sum of their CPU demands t samples back (t = 0: newest), over the window.
// With mean m and variance s^2 of the series, correlations between the VMs are in s^2 already. What they may need
// within the next intervals is planned as
//     max(m + z s,  c x_0 + (1 - c) m + z s sqrt(1 - c^2))
// the second term being the one-step forecast of a first-order autoregression with correlation c between neighbouring
// samples (Box & Jenkins, "Time Series Analysis", ch. 3): it matters where the present lies above the mean.
//
// Where the history has an outlook, what the VMs together are expected to need more in half an hour comes on top.
//
// A short window says little about s^2. It is blended with a prior, as if `prior_samples` samples had shown it: VMs
// that are independent and vary half as much as they need, s0^2 = sum of (m_v / 2)^2.
//   Worked example: two VMs at 100 and 300 MHz in both of n = 2 samples: m = 400, sum of squares about it 0;
//   s0^2 = 50^2 + 150^2 = 25,000; s^2 = (0 + 6 * 25,000) / (2 + 6) = 18,750, s = 137 MHz; z = 1: 537 MHz are planned.
//
// What a host is expected to lack of a limit C is the mean of what its VMs need above it, over the next hour. With
// needs that are normally distributed about m with deviation s that is, k = (m - C) / s,
//     E(m, s) = (m - C) Phi(k) + s phi(k)
// (the unit normal loss, see e.g. Silver, Pyke & Peterson, "Inventory Management and Production Planning"). The
// autoregression lets the present fade within the hour: of its twelve samples about a quarter is still under it, sum of
// c^t / 12 = 0.27, so what is lacking is E of the one-step forecast by a quarter and E(m, s) by three.
//
// Of a history of more than `samples_max` samples every k-th is taken, the newest among them: looking up a sample costs
// a cache miss in a large cluster, and neighbouring samples say much the same. Missing samples count as the VM's
// present demand.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "core/ids.hpp"

namespace ballast {

class JointLoad {
  public:
    static constexpr std::size_t samples_max = 12;
    static constexpr double prior_samples = 6.0;

    // Plans `z` standard deviations above the expectation; `looks_ahead`: with what the outlook expects. Refers to the
    // first two while it lives. O(hosts); a host's series is made when it is first asked for.
    JointLoad(const Cluster& cluster, const History& history, double z, bool looks_ahead = true);

    // CPU in MHz that is planned for the host with its VMs and `more` on top. O(samples * (1 + more)), the first time
    // also times the VMs of the host.
    [[nodiscard]] double planned_mhz(HostId host, std::span<const VmId> more = {});

    // MHz that the VMs of the host are expected to lack, on average over the next hour, if they are given `limit_mhz`.
    // More than 0, however little. O(samples), the first time also times the VMs of the host.
    [[nodiscard]] double lacking_mhz(HostId host, double limit_mhz);

    // The VM leaves and arrives. O(samples).
    void move(VmId vm, HostId from, HostId to);
    // Number of changes so far, and the way back to there, to the last bit.
    [[nodiscard]] std::size_t mark() const { return undo_.size(); }
    void rollback(std::size_t mark);

  private:
    struct Joint {
        std::array<double, samples_max> mhz{};  // newest first
        double prior_variance = 0.0;            // MHz^2
        double rise_mhz = 0.0;                  // expected
    };
    struct Before {
        std::uint32_t index;
        Joint joint;
    };
    static constexpr std::uint32_t not_made = 0xFFFF'FFFFU;

    [[nodiscard]] std::uint32_t index_of(HostId host);
    void add(Joint& joint, VmId vm, double sign) const;
    struct Need {
        double mean_mhz;
        double deviation_mhz;
    };
    [[nodiscard]] Need usual(const Joint& joint) const;
    [[nodiscard]] Need next(const Joint& joint, const Need& usual) const;  // what is expected to rise left out
    [[nodiscard]] double planned(const Joint& joint) const;

    const Cluster& cluster_;
    const History& history_;
    double z_;
    const Outlook* outlook_;           // none = nothing is expected to change
    std::size_t step_;                 // in the history, from one sample to the next
    std::size_t samples_;              // at least one: without a history, the present demand
    std::vector<std::uint32_t> made_;  // by host: its place in joints_
    std::vector<Joint> joints_;
    std::vector<Before> undo_;
};

}  // namespace ballast
