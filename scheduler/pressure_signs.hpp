// SPDX-License-Identifier: Apache-2.0
// Which hosts do not give their VMs what these ask for, whatever their load says.
//
//   CPU      The VMs of the host wait for CPUs a larger share of the time than `cpu_wait`. The host's share is the mean
//   of
//            its VMs' shares, weighted with what they need; a VM without the sign counts as not waiting. Load alone
//            misses this: CPUs that guests are pinned to, more virtual CPUs than threads, another load on the host.
//            Worked example: a needs 900 MHz and waits 20 % of the time, b needs 100 MHz and does not wait: 18 %.
//   memory   Work on the host stands still for want of memory a larger share of the time than `memory_stall`, or the
//            host swaps more than 1 MiB/s, or a guest does whose balloon has taken memory from it. A guest that swaps
//            though it has all of its memory has too little of it; no other host would give it more.
//
// Where a VM has left or come within the time that the signs are about, they are *stale*: they are of other VMs than
// those that are there now, and are counted for the host on which they were measured. Stale signs speak against putting
// more on the host, but relieve it of nothing: it is looked at anew once there are new figures.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "core/reason.hpp"

namespace ballast {

inline constexpr double swap_bytes_per_s_max = bytes_per_mib;

// Shares of the time that are tolerated. 1 = never a sign; for memory, swapping is none either then.
struct PressureLevels {
    double cpu_wait = 1.0;
    double memory_stall = 1.0;
};

class PressureSigns {
  public:
    // O(hosts + VMs log recent moves + past moves), or O(1) if nothing was measured.
    PressureSigns(const Cluster& cluster, const History& history, const PressureLevels& levels);

    // What speaks for it that this host has too little CPU (cpu_wait), memory (memory_stall, swapping), either.
    [[nodiscard]] std::optional<Reason> of_cpu(HostId host) const { return of(host, cpu_); }
    [[nodiscard]] std::optional<Reason> of_memory(HostId host) const { return of(host, memory_); }
    [[nodiscard]] std::optional<Reason> any(HostId host) const;
    // So many samples are measured for a sign.
    [[nodiscard]] std::size_t samples() const { return samples_; }
    // Whether a VM left or came since the signs of this host were measured, or while they were.
    [[nodiscard]] bool stale(HostId host) const { return !changed_.empty() && changed_[host.index()]; }

  private:
    using ByHost = std::vector<std::optional<Reason>>;  // empty = there is none

    [[nodiscard]] static std::optional<Reason> of(HostId host, const ByHost& signs) {
        return signs.empty() ? std::nullopt : signs[host.index()];
    }

    ByHost cpu_;
    ByHost memory_;
    std::size_t samples_;
    std::vector<bool> changed_;  // by host; empty = none has a sign
};

}  // namespace ballast
