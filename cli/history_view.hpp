// SPDX-License-Identifier: Apache-2.0
// What the journal knows of the past, as `ballast history` shows it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/ports/journal.hpp"
#include "core/ports/power_journal.hpp"

namespace ballast {

// Plans, and what they and persons did; each newest first.
struct JournalPast {
    std::vector<PlanRecord> plans;
    std::vector<MigrationRecord> migrations;
    std::vector<SwitchRecord> switches;
};

struct PastFilter {
    std::string vm;          // only migrations of this VM, and no switches; empty = all
    std::string host;        // only what came from, went to or switched this host; empty = all
    std::size_t limit = 50;  // of migrations and switches together, the newest
};

// What passes the filter. Of the plans those remain that something shown belongs to and, without a filter by name,
// those that are as new as what is shown.
[[nodiscard]] JournalPast select(JournalPast past, const PastFilter& filter);

// One row per migration and switch, newest first; then the plans of which nothing was done, if there are any.
[[nodiscard]] std::string show_past(const JournalPast& past);
// {"plans":[…],"migrations":[…],"switches":[…]} without a newline. What was not measured is null.
[[nodiscard]] std::string to_json(const JournalPast& past);

}  // namespace ballast
