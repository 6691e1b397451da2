// SPDX-License-Identifier: Apache-2.0
// One decision of the reference: relieve overloaded hosts, then empty the least used ones, each VM going where power
// rises least ("power-aware best-fit decreasing", Beloglazov & Buyya 2012, section 5 and algorithm 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "simulator/cloudsim/datacenter.hpp"
#include "simulator/cloudsim/detector.hpp"
#include "simulator/cloudsim/family.hpp"

namespace ballast::cloudsim {

struct Move {
    VmIndex vm = 0;
    HostIndex to = 0;
};

class Optimiser {
  public:
    // `datacenter` must outlive it.
    Optimiser(const Datacenter& datacenter, const FamilyPolicy& policy, std::uint64_t seed);

    // The moves to start now, in order; a VM can be in it twice. No VM may be in migration. Nothing in the datacenter
    // changes. O(hosts + VMs placed * active hosts).
    [[nodiscard]] std::span<const Move> decide(std::size_t samples);

  private:
    // A host as the decision sees it while VMs are placed tentatively.
    struct HostView {
        std::vector<VmIndex> members;
        double free_mips = 0.0;
        double used_mips = 0.0;       // what its members were given
        double requested_mips = 0.0;  // sum of the members' requests, in list order
        OverloadDetector::Estimate estimate;
        double free_memory_mb = 0.0;
    };
    struct Undo {
        HostIndex host;
        double free_mips, used_mips, requested_mips, free_memory_mb;
        OverloadDetector::Estimate estimate;
    };

    void look();
    void view(HostIndex h);
    void find_overloaded();
    void unload(HostIndex h, std::size_t samples);
    void empty_least_used();
    void remove_member(HostIndex h, std::size_t position);
    [[nodiscard]] std::size_t select(HostIndex h, std::size_t samples);
    [[nodiscard]] std::size_t smallest_memory(const std::vector<VmIndex>& candidates) const;
    void sort_by_request(std::vector<VmIndex>& vms) const;

    [[nodiscard]] HostIndex find_host(VmIndex vm, bool sleeping_allowed);
    void consider(HostIndex h, VmIndex vm, double request, double& best, HostIndex& found);
    [[nodiscard]] bool takes(HostIndex h, VmIndex vm, double request) const;
    void place(VmIndex vm, HostIndex to);
    void undo_to(std::size_t mark);

    const Datacenter& dc_;
    FamilyPolicy policy_;
    Rng random_;
    OverloadDetector detector_;
    std::vector<HostView> hosts_;
    std::vector<HostIndex> active_;     // in use or used at the last update, in host order; woken ones at the end
    std::vector<std::uint8_t> closed_;  // never a target
    std::vector<std::uint8_t> done_;    // not looked at as one to empty
    std::vector<std::uint8_t> is_active_;
    std::vector<std::vector<HostIndex>> sleeping_;  // per host type, in host order
    std::vector<std::size_t> next_sleeping_;        // how many of these were woken
    std::vector<VmIndex> to_place_;
    std::vector<Undo> undo_;
    std::vector<Move> moves_;
    std::vector<std::span<const double>> histories_;
};

}  // namespace ballast::cloudsim
