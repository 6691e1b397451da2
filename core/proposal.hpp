// SPDX-License-Identifier: Apache-2.0
// Where VMs should be and which hosts should be on, with a reason, a benefit and a cost for every move and a reason for
// every VM that stays. Not how to get there: that is the Plan.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/models/migration_model.hpp"
#include "core/reason.hpp"
#include "core/stays.hpp"

namespace ballast {

struct Move {
    VmId vm;
    HostId from;
    HostId to;
    Reason reason;
    MigrationCost cost;        // what the migration model expects
    double relief_mhz = 0.0;   // expected benefit: CPU demand taken off the source above its exit level …
    double saved_watts = 0.0;  // … or the host's watts this move contributes to saving
};

enum class HostAction : std::uint8_t { none, wake, sleep };

[[nodiscard]] std::string_view name(HostAction action);  // "none", "wake", "sleep"

struct HostVerdict {
    HostId host;
    HostAction action = HostAction::none;
    Reason reason;
};

struct Proposal {
    std::string policy;              // its name and options, as in the registry
    std::vector<Move> moves;         // in the policy's order of preference; at most one per VM
    Stays stays;                     // every other VM
    std::vector<HostVerdict> hosts;  // every host, in id order
};

}  // namespace ballast
