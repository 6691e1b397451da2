// SPDX-License-Identifier: Apache-2.0
// Is a host overloaded, as it is or with one more VM? Static threshold, inter-quartile range, median absolute
// deviation, local regression (Beloglazov & Buyya 2012, section 4).
//
// Every answer is that of the reference's arithmetic, evaluated in its order. Where an estimate that costs one
// multiplication is farther from the limit than rounding can reach, the answer is taken from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "simulator/cloudsim/datacenter.hpp"
#include "simulator/cloudsim/family.hpp"
#include "simulator/cloudsim/statistics.hpp"

namespace ballast::cloudsim {

class OverloadDetector {
  public:
    OverloadDetector(const Datacenter& datacenter, const FamilyPolicy& policy);

    // New samples or requests: what is kept per VM is computed anew. O(VMs * samples).
    void new_moment();

    // What a host's members add up to, kept by the caller as members come and go.
    struct Estimate {
        double forecast_mips = 0.0;
        std::uint8_t samples = 0;  // of the member with the longest history that is not all 0
    };
    void add(VmIndex vm, Estimate& estimate) const;

    // The history of a host is kept, and grows as members come. After one left it is to be forgotten. O(1).
    void forget(HostIndex host) { gathered_[host] = {}; }

    // `members`: the VMs on the host, in list order; `requested_mips`: the sum of their requests, in that order.
    [[nodiscard]] bool overloaded(HostIndex host, std::span<const VmIndex> members, double requested_mips,
                                  const Estimate& estimate);
    // The same with `candidate` after the members, which are all that the numbers count.
    [[nodiscard]] bool overloaded_with(HostIndex host, std::span<const VmIndex> members, double requested_mips,
                                       Estimate estimate, VmIndex candidate);

  private:
    // Nothing if it is too close to call.
    [[nodiscard]] std::optional<bool> from_estimate(HostIndex host, const Estimate& estimate) const;
    [[nodiscard]] bool exact(HostIndex host, double requested_mips);
    [[nodiscard]] bool by_regression(HostIndex host, double utilisation);
    // Brings `host_history_` and `memory_mb_` to what the members come to.
    void gather(HostIndex host, std::span<const VmIndex> members);
    void add_history(VmIndex vm, HostIndex host, std::span<double> history) const;
    [[nodiscard]] std::size_t trimmed_length() const;

    const Datacenter& dc_;
    FamilyPolicy policy_;
    bool estimates_ = false;
    std::vector<double> vm_forecast_;      // MIPS at the forecast's time
    std::vector<std::uint8_t> vm_length_;  // samples up to the oldest that is not 0
    struct Gathered {
        std::size_t members = 0;
        double memory_mb = 0.0;  // the greatest of the members'
    };
    std::vector<Gathered> gathered_;    // per host, of the first of its members …
    std::vector<double> histories_;     // … with their history, newest first
    std::vector<double> host_history_;  // of the host asked about, with the candidate
    std::vector<double> scratch_;
    double memory_mb_ = 0.0;  // the greatest of the members'
};

}  // namespace ballast::cloudsim
