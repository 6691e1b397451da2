// SPDX-License-Identifier: Apache-2.0
#include "executor/recovery.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "executor/fencing.hpp"

namespace ballast {

namespace {

constexpr int plans_looked_at_max = 100;  // plans cut short are among the newest: one executor runs at a time

std::string ago(double seconds) {
    const double s = std::max(0.0, seconds);
    char text[48];
    if (s < 120.0) {
        std::snprintf(text, sizeof text, "%.0f s ago", s);
    } else if (s < 7200.0) {
        std::snprintf(text, sizeof text, "%.0f min ago", s / 60.0);
    } else {
        std::snprintf(text, sizeof text, "%.1f h ago", s / 3600.0);
    }
    return text;
}

std::string what_was_going_on(const MigrationRecord& record, double now_unix_s) {
    std::string text = record.vm.name + ": migration " + std::to_string(record.id) + " from " + record.source.name +
                       " to " + record.destination.name;
    switch (record.state) {
        case MigrationState::intended: text += " was about to start"; break;
        case MigrationState::migrating: text += " was under way"; break;
        case MigrationState::verifying: text += " was being verified"; break;
        case MigrationState::needs_operator: text += " was handed to the operator"; break;
        case MigrationState::done:
        case MigrationState::rolled_back:
        case MigrationState::rejected: text += " is closed"; break;
    }
    return text + " (" + ago(now_unix_s - record.updated_unix_s) + ")";
}

std::string what_comes_next(const MigrationRecord& record, const NextStep& next) {
    if (record.state == MigrationState::intended) return "nothing was done; `ballast recover` closes it";
    switch (next.step) {
        case Step::wait: return next.why + "; `ballast recover` follows it to its end";
        case Step::done:
        case Step::rolled_back: return next.why + "; `ballast recover` closes it";
        case Step::needs_operator: return next.why;
        case Step::fence_source:
        case Step::fence_destination: return next.why + ", `ballast recover` does " + std::string(name(next.step));
        default: return next.why + "; `ballast recover` does " + std::string(name(next.step)) + " next";
    }
}

// What would be done if all stayed as it is. A host that may not be fenced now is as one without a fence command; and
// one look does not tell for how long it has been silent.
NextStep what_would_be_done(Situation situation, const MigrationRecord& record, const SettleOptions& options) {
    if (options.fence.ask) situation.fence = options.fence.use;
    NextStep next = reconcile(situation, record, options.limits);
    if (!is_fencing(next.step)) return next;
    const HostEndpoint& host = next.step == Step::fence_source ? record.source : record.destination;
    if (const auto because = objection_to_fencing(options.fence, host)) {
        situation.fence = FenceUse::never;
        next = reconcile(situation, record, options.limits);
        next.why += "; " + host.name + " would not be fenced: " + *because;
        return next;
    }
    next.why = host.name + " does not answer; if that lasts " +
               std::to_string(static_cast<long>(options.limits.unreachable_s)) + " s";
    return next;
}

Result<RecoveredMigration> recover_one(MigrationRecord record, Journal& journal, Hypervisor& hypervisor, Clock& clock,
                                       const SettleOptions& options, const NoteSink& note) {
    const std::string prefix = record.vm.name + ": ";
    std::string text;
    if (record.state == MigrationState::intended) {
        // The call is made only after `migrating` is on disk: this migration never began.
        record.state = MigrationState::rejected;
        record.note = "interrupted before it started; nothing was done";
    } else {
        const NoteSink tell = [&](const std::string& line) {
            if (note) note(line.starts_with(prefix) ? line : prefix + line);
        };
        const Settled settled = settle(record, journal, hypervisor, clock, options, tell);
        record.state = settled.state;
        record.note = "recovered: " + settled.note;
    }
    record.updated_unix_s = clock.unix_time_s();
    if (Status written = journal.update_migration(record); !written) return tl::unexpected(written.error());
    text = record.vm.name + ": migration " + std::to_string(record.id) + " from " + record.source.name + " to " +
           record.destination.name + " is " + std::string(name(record.state)) + ": " + record.note;
    return RecoveredMigration{std::move(record), std::move(text)};
}

Status close_interrupted_plans(Journal& journal, Clock& clock) {
    const auto plans = journal.recent_plans(plans_looked_at_max);
    if (!plans) return tl::unexpected(plans.error());
    for (const PlanRecord& plan : *plans) {
        if (!plan.outcome.empty()) continue;
        if (Status ended = journal.end_plan(plan.id, "interrupted", clock.unix_time_s()); !ended) return ended;
    }
    return {};
}

}  // namespace

Result<std::vector<OpenMigration>> describe_open(Journal& journal, Hypervisor& hypervisor, Clock& clock,
                                                 const SettleOptions& options) {
    auto records = journal.open_migrations();
    if (!records) return tl::unexpected(records.error());
    std::vector<OpenMigration> open;
    for (MigrationRecord& record : *records) {
        Situation situation;
        situation.source = hypervisor.observe(record.source, record.vm, Side::source);
        situation.destination = hypervisor.observe(record.destination, record.vm, Side::destination);
        const double now = clock.unix_time_s();
        // Nobody has changed anything since the record was written, as far as the journal knows.
        situation.unchanged_s = std::max(0.0, now - record.updated_unix_s);
        OpenMigration item{
            record, situation.source, situation.destination, what_would_be_done(situation, record, options), {}};
        item.text = what_was_going_on(record, now) + "; now " + record.source.name + ": " + describe(item.source) +
                    ", " + record.destination.name + ": " + describe(item.destination) + "; " +
                    what_comes_next(record, item.next);
        open.push_back(std::move(item));
    }
    return open;
}

Result<std::vector<RecoveredMigration>> recover(Journal& journal, Hypervisor& hypervisor, Clock& clock,
                                                const SettleOptions& options, const NoteSink& note, Parked parked) {
    auto records = journal.open_migrations();
    if (!records) return tl::unexpected(records.error());
    std::vector<RecoveredMigration> recovered;
    for (MigrationRecord& record : *records) {
        if (parked == Parked::leave && record.state == MigrationState::needs_operator) continue;
        auto one = recover_one(std::move(record), journal, hypervisor, clock, options, note);
        if (!one) return tl::unexpected(one.error());
        recovered.push_back(std::move(*one));
    }
    if (Status closed = close_interrupted_plans(journal, clock); !closed) return tl::unexpected(closed.error());
    return recovered;
}

}  // namespace ballast
