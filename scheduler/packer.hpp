// SPDX-License-Identifier: Apache-2.0
// Where consolidation puts VMs: the first host in packing order (packing_order.hpp) whose VMs would then need, together
// and planned as joint_load.hpp does, at most `target` of its CPU; if there is none among those in use, the empty host
// that is on and gives a MHz for the fewest watts. Keeps packing order in step with the draft.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scheduler/draft.hpp"
#include "scheduler/joint_load.hpp"
#include "scheduler/packing_order.hpp"

namespace ballast {

struct PackerOptions {
    double target = 0.9;  // of usable CPU: planned for and used at most; of network and disk I/O: used at most
    double memory = 1.0;  // of usable memory
    double margin = 1.0;  // JointLoad's z
    bool looks_ahead = true;
    ResourceVector fullness{1.0, 0.0, 0.0, 0.0};  // weights, see PackingOrder
};

class Packer {
  public:
    // Refers to the draft while it lives, and makes its problem keep joint loads. From now on VMs move through the
    // packer, or are moved back before it is asked again. O(hosts log hosts).
    Packer(Draft& draft, const PackerOptions& options);

    // The host in use that takes the unit; if none, with `spares`, an empty one; invalid if none is found. As
    // PackingOrder::first_fit(), and up to `patience` spares.
    [[nodiscard]] HostId find(UnitId unit, HostId from, bool spares);
    // For a unit that the last find() found no host for: the refusal nearest to a yes, if any host was asked.
    [[nodiscard]] std::optional<Reason> closest(UnitId unit, HostId from) const;

    void move(UnitId unit, HostId to, const Reason& reason, double relief_mhz);
    // To Draft::move_count() as it was.
    void rollback(std::size_t mark);

  private:
    static constexpr std::size_t patience = 64;

    [[nodiscard]] bool has_room(UnitId unit, HostId host);  // and keeps the nearest refusal

    Draft& draft_;
    double target_;
    Level level_;
    JointLoad& joint_;
    PackingOrder order_;
    std::optional<Reason> refusal_;  // of the last find(): planned_load
    std::vector<HostId> spares_;     // on and empty at the begin, fewest watts per MHz first
};

}  // namespace ballast
