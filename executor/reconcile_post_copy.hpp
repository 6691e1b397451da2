// SPDX-License-Identifier: Apache-2.0
// The rows of the two-sided table (reconcile.hpp) for a migration that has gone over to post-copy: the guest runs on
// the destination while part of its memory is still on the source.
//
// What it guarantees:
//   - nothing is aborted, started or undefined while either side is in post-copy;
//   - the source's copy is destroyed only once the destination's is complete: it runs there, "migrated";
//   - a broken post-copy goes to a person, with the one command that can save it, or with the word that it is lost.
#pragma once

#include <optional>

#include "executor/reconcile.hpp"

namespace ballast {

// Nothing if neither side is in post-copy.
[[nodiscard]] std::optional<NextStep> reconcile_post_copy(const Situation& situation, const MigrationRecord& record,
                                                          const ReconcileLimits& limits);

}  // namespace ballast
