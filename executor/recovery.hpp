// SPDX-License-Identifier: Apache-2.0
// After a crash: what was going on, what has become of it, and bringing it to an end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "core/result.hpp"
#include "executor/settle.hpp"

namespace ballast {

struct OpenMigration {
    MigrationRecord record;
    SideObservation source;
    SideObservation destination;
    NextStep next;     // what `recover` would do first
    std::string text;  // one line: what was going on, what is seen now, what comes next
};

// Looks at both sides of every open migration and says what it sees, and what recover() with the same options would do.
// Changes nothing and fences nobody; but the name of a host that would be is resolved. Errors: the journal's.
[[nodiscard]] Result<std::vector<OpenMigration>> describe_open(Journal& journal, Hypervisor& hypervisor, Clock& clock,
                                                               const SettleOptions& options);

struct RecoveredMigration {
    MigrationRecord record;  // as it is in the journal now: closed, or needs_operator
    std::string text;        // one line: what became of the VM
};

// What becomes of migrations that were handed to a person. A process that has looked at one in vain leaves it: it would
// wait for a silent host again, and have it fenced again, whenever anything else is left open.
enum class Parked : std::uint8_t { look_again, leave };

// Brings every open migration to its end, in the order of their ids: waits for one that is still running, then decides
// and acts as the executor would have. Closes the plans that were cut short. What needs a person stays open. What is
// left as it is by `parked` is not in the result. The journal must be open for writing, so that no executor is at work
// meanwhile. Errors: the journal's.
[[nodiscard]] Result<std::vector<RecoveredMigration>> recover(Journal& journal, Hypervisor& hypervisor, Clock& clock,
                                                              const SettleOptions& options, const NoteSink& note,
                                                              Parked parked = Parked::look_again);

}  // namespace ballast
