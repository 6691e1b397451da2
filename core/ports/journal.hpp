// SPDX-License-Identifier: Apache-2.0
// The durable record of intents and outcomes. The executor writes an intent before it acts, and the outcome after it
// has looked; every call that returns success is on disk. One process writes a journal at a time. Thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/hypervisor.hpp"
#include "core/result.hpp"

namespace ballast {

// Life of one migration:  intended -> migrating -> verifying -> done | rolled_back | needs_operator
//                         intended -> rejected (pre-flight said no; nothing was done)
enum class MigrationState : std::uint8_t {
    intended,        // will be checked and then started
    migrating,       // the call was made, or was about to be made
    verifying,       // the call has ended; what became of the VM is being established
    done,            // runs on the destination, once; the source is clean
    rolled_back,     // runs on the source, once; the destination is clean
    rejected,        // never started
    needs_operator,  // contradictory or not observable; a person must decide (see MigrationRecord::note)
};

[[nodiscard]] std::string_view name(MigrationState state);
[[nodiscard]] constexpr bool is_open(MigrationState state) {
    return state == MigrationState::intended || state == MigrationState::migrating ||
           state == MigrationState::verifying || state == MigrationState::needs_operator;
}

struct MigrationRecord {
    std::int64_t id = 0;  // given by the journal
    std::int64_t plan_id = 0;
    VmIdentity vm;
    HostEndpoint source;
    HostEndpoint destination;
    Handover handover = Handover::paused;
    bool destination_defined_before = false;  // it had a (shut-off) definition of this VM before the migration
    bool copies_diverged = false;  // both sides were seen running: which memory is the right one, a person decides
    // The migration call ended with success: the source's copy has left. A copy that is merely gone may have run on and
    // been shut down.
    bool reported_success = false;
    MigrationState state = MigrationState::intended;
    double created_unix_s = 0.0;
    double updated_unix_s = 0.0;
    std::string reason;  // why the policy wanted it, in words
    std::string note;    // what was observed or went wrong, in words
    double predicted_duration_s = 0.0;
    double predicted_downtime_s = 0.0;
    double duration_s = std::numeric_limits<double>::quiet_NaN();  // measured; NaN = not measured
    double downtime_s = std::numeric_limits<double>::quiet_NaN();  // measured; NaN = not measured
    double bytes_sent = std::numeric_limits<double>::quiet_NaN();
};

// A migration that is over, as a policy has to know it.
struct JournalMove {
    std::string vm;  // names
    std::string source;
    std::string destination;
    double age_s = 0.0;   // since it ended; not negative
    bool failed = false;  // rolled back, or rejected before it began

    friend bool operator==(const JournalMove&, const JournalMove&) = default;
};

struct PlanRecord {
    std::int64_t id = 0;
    double created_unix_s = 0.0;
    std::string policy;
    std::string outcome;  // empty while the plan is being carried out
    int actions = 0;
};

class Journal {
  public:
    virtual ~Journal() = default;

    [[nodiscard]] virtual Result<std::int64_t> begin_plan(const PlanRecord& plan, std::string_view plan_json) = 0;
    [[nodiscard]] virtual Status end_plan(std::int64_t id, std::string_view outcome, double unix_time_s) = 0;

    // Records the intent; returns the record's id. Refused (ErrorKind::refused) while another record of this VM is
    // open.
    [[nodiscard]] virtual Result<std::int64_t> open_migration(const MigrationRecord& record) = 0;
    // Replaces the record of the same id, but for its id, plan, VM and creation time. Refused if that record is closed.
    [[nodiscard]] virtual Status update_migration(const MigrationRecord& record) = 0;

    [[nodiscard]] virtual Result<std::vector<MigrationRecord>> open_migrations() = 0;             // in id order
    [[nodiscard]] virtual Result<std::vector<MigrationRecord>> recent_migrations(int limit) = 0;  // newest first
    [[nodiscard]] virtual Result<std::vector<PlanRecord>> recent_plans(int limit) = 0;            // newest first
    // The migrations that ended within `window_s` before `unix_time_s`, in the order in which they were opened.
    [[nodiscard]] virtual Result<std::vector<JournalMove>> past_moves(double unix_time_s, double window_s) = 0;
};

}  // namespace ballast
