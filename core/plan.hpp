// SPDX-License-Identifier: Apache-2.0
// How to get there: a DAG of actions. An action may start when all it depends on are done; actions that do not depend
// on each other may run at the same time, in any order, and every state on the way is feasible (see checker.hpp).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/models/migration_model.hpp"
#include "core/proposal.hpp"
#include "core/reason.hpp"

namespace ballast {

enum class ActionKind : std::uint8_t { migrate, power_on, power_off };

[[nodiscard]] std::string_view name(ActionKind kind);  // "migrate", "power-on", "power-off"

struct Action {
    ActionKind kind = ActionKind::migrate;
    VmId vm;      // migrate only
    HostId from;  // migrate only
    HostId host;  // destination of a migration; the host of a power action
    Reason reason;
    MigrationCost cost;           // migrate only: predicted
    std::vector<ActionId> after;  // must be done before this one starts; ids smaller than this action's, ascending
};

struct Plan {
    std::vector<Action> actions;  // an ActionId is an index into this; the order is one valid order of execution
    // Moves of the proposal that could not be ordered safely, with the reason. They are not in `actions`.
    std::vector<Stay> left_out;
};

}  // namespace ballast
