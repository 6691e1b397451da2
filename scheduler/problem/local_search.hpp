// SPDX-License-Identifier: Apache-2.0
// Steepest descent, host by host. Hosts give units away, those that cost most first; for each, the best of these
// changes is made, and again, until none gains enough; then the next; and round again until a whole round finds none:
//   move      u: A -> B
//   swap      u: A -> B, v: B -> A
//   ejection  u: A -> B, v: B -> C
//   cycle     u: A -> B, v: B -> C, w: C -> A
// Larger ones are looked at only where no smaller one gains. Destinations are the hosts that cost least, the least
// loaded of them first: 32 for moves, 8 for swaps, 4 for ejections and cycles. Of changes that gain the same the one
// after which its fullest destination is least full is made (many idle hosts end without contention; how they are
// numbered must not decide), then the one that was looked at first: hosts and units by id.
//
// Ends when nothing gains, or with the last evaluation or VM of the limits. O(hosts * samples) and per evaluation what
// Problem::allows() and Problem::delta() take.
#pragma once

#include "scheduler/problem/optimiser.hpp"

namespace ballast {

class LocalSearch final : public Optimiser {
  public:
    [[nodiscard]] std::vector<Change> improve(Problem& problem, const OptimiserLimits& limits) const override;
};

}  // namespace ballast
