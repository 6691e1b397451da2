// SPDX-License-Identifier: Apache-2.0
// Pre-copy live migrations over shared links: how far each copy has come, and when its next stage begins.
//
// A migration passes these stages; core/models/migration_model.hpp has the recurrence and its sources:
//   preparing   fixed_overhead_s, nothing is sent
//   copying     round after round: while a round's bytes are sent, the guest dirties min(W, D * seconds of the round)
//   stopped     once the rest can be sent within the downtime limit at the present rate (or after rounds_max rounds)
//               the guest pauses and the rest is sent …
//   resuming    … and resume_s later it runs on the destination.
//
// Rate. A copy that sends has a share of its source's and of its destination's link: link / (copies that send from or
// to that host). It gets the smaller of the two shares, and never more than the model's bandwidth. Shares change
// whenever a copy begins or ends to send. What a share leaves unused is not given to others. A migration that has its
// links to itself therefore takes exactly what migration_cost() says.
//   Worked example: two VMs of 1000 MiB, nothing dirtied, leave one host with a link of 100 MiB/s at the same time:
//   50 MiB/s each, 20 s of copying instead of 10. If the second begins 5 s later, the first has 500 MiB left and
//   needs 10 s more (at 15 s), the second then has 500 MiB left and needs 5 s more (at 20 s).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "core/models/migration_model.hpp"

namespace ballast {

class Transfers {
  public:
    using Slot = std::uint32_t;  // of a migration under way; used again after it ended

    // When a migration's present stage ends. What was said of the same slot before no longer holds.
    struct Due {
        Slot slot;
        std::uint32_t version;
        double at_s;
    };

    enum class Step : std::uint8_t { copies_on, vm_stops, sent, arrived };

    // `link_bytes_per_s`: what each host's link gives to all its migrations together; positive.
    Transfers(const MigrationModel& model, std::vector<double> link_bytes_per_s);

    // Begins a migration between two different hosts. O(1).
    [[nodiscard]] Slot start(double now_s, HostId from, HostId to, double memory_bytes);
    // The present stage ends now, as Due said. After `arrived` the slot is free. O(copies on both links).
    [[nodiscard]] Step advance(double now_s, Slot slot);
    // Ends a migration before its time; frees the slot.
    void cancel(double now_s, Slot slot);

    // True if this is the latest that was said of the slot.
    [[nodiscard]] bool current(Slot slot, std::uint32_t version) const { return copies_[slot].version == version; }
    // What has become due at another time since the last call of clear_due(), in the order in which it was found.
    [[nodiscard]] std::span<const Due> due() const { return due_; }
    void clear_due() { due_.clear(); }

    // What the migration that has just arrived or was cancelled took in all.
    [[nodiscard]] MigrationCost cost(double now_s, Slot slot) const;

  private:
    enum class Stage : std::uint8_t { preparing, copying, stopped, resuming, free };

    struct Copy {
        Stage stage = Stage::free;
        HostId from;
        HostId to;
        std::uint32_t version = 0;
        int round = 0;
        double memory_bytes = 0.0;
        double left_bytes = 0.0;  // of the round, as of rate_since_s
        double rate = 0.0;
        double rate_since_s = 0.0;
        double round_began_s = 0.0;
        double started_s = 0.0;
        double stopped_s = -1.0;  // negative = not stopped yet
        double bytes = 0.0;       // of the rounds that began
    };

    [[nodiscard]] double share(const Copy& copy) const;
    [[nodiscard]] bool enough(const Copy& copy, double to_send) const;  // it is time to stop the guest
    void set_due(Slot slot, double at_s);
    void join(double now_s, Slot slot);   // begins to send
    void leave(double now_s, Slot slot);  // ends sending
    void reshare(double now_s, HostId host);
    void begin_round(double now_s, Slot slot, double bytes);

    MigrationModel model_;
    std::vector<double> link_;
    std::vector<std::vector<Slot>> sending_;  // per host, in the order in which they began
    std::vector<Copy> copies_;
    std::vector<Slot> free_;
    std::vector<Due> due_;
};

}  // namespace ballast
