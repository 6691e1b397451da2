// SPDX-License-Identifier: Apache-2.0
// The journal in an SQLite file. Tables and guarantees: docs/formats/journal.md.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "core/ports/journal.hpp"
#include "core/ports/power_journal.hpp"
#include "core/result.hpp"

namespace ballast {

class SqliteJournal final : public Journal, public PowerJournal {
  public:
    enum class Mode {
        write,  // creates the file if it is missing; holds the writer's lock (<path>.lock) until destroyed
        read,   // works beside a writer; the file must exist; every change is refused
    };

    // Errors: refused (write mode) while another process writes, naming its pid; usage for a directory (write mode) or
    // file (read mode) that is missing, and for a file that is not a journal, is damaged or was written by a newer
    // Ballast, none of which is changed; failed if the file system says no.
    [[nodiscard]] static Result<std::unique_ptr<SqliteJournal>> open(const std::string& path, Mode mode);
    ~SqliteJournal() override;

    // The pid of the process that is writing the journal at `path`; nothing if none is; 0 = one is, pid unknown.
    [[nodiscard]] static std::optional<pid_t> writer(const std::string& path);

    [[nodiscard]] Result<std::int64_t> begin_plan(const PlanRecord& plan, std::string_view plan_json) override;
    [[nodiscard]] Status end_plan(std::int64_t id, std::string_view outcome, double unix_time_s) override;
    [[nodiscard]] Result<std::int64_t> open_migration(const MigrationRecord& record) override;
    [[nodiscard]] Status update_migration(const MigrationRecord& record) override;
    [[nodiscard]] Result<std::vector<MigrationRecord>> open_migrations() override;
    [[nodiscard]] Result<std::vector<MigrationRecord>> recent_migrations(int limit) override;
    [[nodiscard]] Result<std::vector<PlanRecord>> recent_plans(int limit) override;
    [[nodiscard]] Result<std::vector<JournalMove>> past_moves(double unix_time_s, double window_s) override;

    [[nodiscard]] Result<std::int64_t> open_switch(const SwitchRecord& record) override;
    [[nodiscard]] Status update_switch(const SwitchRecord& record) override;
    [[nodiscard]] Result<std::vector<SwitchRecord>> open_switches() override;
    [[nodiscard]] Result<std::vector<SwitchRecord>> recent_switches(int limit) override;
    [[nodiscard]] Result<std::vector<PowerPast>> power_pasts() override;
    [[nodiscard]] Result<std::vector<JournalSwitch>> past_switches(double unix_time_s, double window_s) override;
    [[nodiscard]] Result<bool> clear_quarantine(const std::string& host, double unix_time_s) override;
    [[nodiscard]] Result<std::string> sleep_objection(const std::string& host) override;

    // Hosts that a person drained: nothing moves to them until they are given back. By name.
    struct DrainedHost {
        std::string name;
        double since_unix_s = 0.0;
    };
    [[nodiscard]] Result<std::vector<DrainedHost>> drained_hosts();
    // Marks a host as drained since now, unless it is already.
    [[nodiscard]] Status drain(const std::string& host, double unix_time_s);
    // Gives it back. False if it was not drained.
    [[nodiscard]] Result<bool> undrain(const std::string& host);

  private:
    struct Impl;
    explicit SqliteJournal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
