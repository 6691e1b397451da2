// SPDX-License-Identifier: Apache-2.0
// The recent past as policies use it: for how long has a host been above or below a level, and what does a VM need?
//
// The past load of a host is synthetic: the past demands of the VMs that are on it now, plus its present overhead. It
// answers "would this host have been hot with what it carries today?", which is the question after a move, too.
// A missing sample counts as nothing when looking for load above a level (the sum is a lower bound, so an overload can
// be missed for a while but never invented), and ends the run when looking for load below one.
//
// What a VM needs is what it is planned with: its CPU demand now, raised to the mean over the window where that is
// higher. A momentary dip must not make a VM look small to its destination.
//
// This is the one place where a decision looks at every VM. It does so once, host by host, and keeps what is asked of
// hosts; what is asked of single VMs is worked out when it is asked.
#pragma once

#include <cstddef>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"

namespace ballast {

// How many samples make up `seconds`: at least one, but for 0 s none. A sample is a mean over its period, so one of
// five minutes says that a load was sustained for 30 s.
[[nodiscard]] std::size_t samples_of(double seconds, const History& history);

class LoadWindow {
  public:
    // The newest `samples` samples, or as many as there are. Refers to both while it lives.
    // O((hosts + VMs) * samples).
    LoadWindow(const Cluster& cluster, const History& history, std::size_t samples);

    // How many of the newest samples, without interruption, saw the host's CPU above / below this fraction of what is
    // usable. At most the number of samples in the window. O(samples).
    [[nodiscard]] std::size_t samples_above(HostId host, double fraction) const;
    [[nodiscard]] std::size_t samples_below(HostId host, double fraction) const;

    // O(samples).
    [[nodiscard]] double need_mhz(VmId vm) const;
    // The overhead of the host and the needs of the VMs that are on it in the cluster. O(1).
    [[nodiscard]] double need_mhz(HostId host) const { return need_mhz_[host.index()]; }

  private:
    void look_at(HostId host);

    const Cluster& cluster_;
    std::vector<const double*> rows_;  // of the history, newest first
    std::vector<double> load_;         // host_count rows of as many fractions, newest first
    std::vector<char> complete_;       // likewise: every VM on the host has that sample
    std::vector<double> need_mhz_;     // by host
};

}  // namespace ballast
