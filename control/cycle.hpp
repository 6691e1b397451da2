// SPDX-License-Identifier: Apache-2.0
// The one loop's body: observe -> decide -> act. It runs unchanged on libvirt and on the simulator; only the ports
// differ.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "core/ports/actuator.hpp"
#include "core/ports/telemetry.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "scheduler/engine.hpp"

namespace ballast {

struct Cycle {
    Snapshot snapshot;
    Decision decision;
    std::size_t moves_cut = 0;                 // migrations of the decision that the budget had no room for
    std::optional<ActuationReport> actuation;  // absent if nothing was to be done or approval was not given
};

// Asked once the decision is made and is not empty; false = do nothing. This is where the modes differ: advise never
// approves, confirm asks a person, auto always approves.
using Approval = std::function<bool(const Snapshot&, const Decision&)>;

struct CycleInput {
    Telemetry& telemetry;
    const Policy& policy;
    Actuator* actuator;                     // may be null if `approve` never says yes
    const MigrationModel& migration_model;  // what the policy believes a migration costs
    const Approval& approve;
    // The plan is cut to so many migrations; nothing = no limit.
    std::optional<std::size_t> moves_max = std::nullopt;
};

// One turn. Errors: those of the ports and of decide(); after an error nothing more is done in this turn.
[[nodiscard]] Result<Cycle> run_cycle(const CycleInput& input, Rng& rng);

}  // namespace ballast
