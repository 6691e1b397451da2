// SPDX-License-Identifier: Apache-2.0
// Bringing what a crash left open in the journal to its end: every VM runs once, every host is asleep or awake.
#pragma once

#include <vector>

#include "cli/live.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/result.hpp"
#include "executor/power_recovery.hpp"
#include "executor/recovery.hpp"

namespace ballast {

struct Recovered {
    std::vector<RecoveredMigration> migrations;
    std::vector<RecoveredSwitch> switches;

    // Something is left that a person must decide.
    [[nodiscard]] bool needs_person() const;
};

// May take as long as a migration, or a host that wakes; sleeps with `clock`; a person's stop (stop.hpp) ends the
// waiting for hosts. `journal` is open for writing. Notes what it does on stderr. Errors: the journal's.
[[nodiscard]] Result<Recovered> recover_all(LiveCluster& cluster, SqliteJournal& journal, Hypervisor& hypervisor,
                                            Clock& clock, Parked parked = Parked::look_again);

}  // namespace ballast
