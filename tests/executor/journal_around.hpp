// SPDX-License-Identifier: Apache-2.0
// A journal around another one that does something before and after each write. What reads goes straight through.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/ports/journal.hpp"

namespace ballast::test {

class JournalAround : public Journal {
  public:
    explicit JournalAround(Journal& journal) : journal_(journal) {}

    Result<std::int64_t> begin_plan(const PlanRecord& plan, std::string_view json) override {
        return around([&] { return journal_.begin_plan(plan, json); });
    }
    Status end_plan(std::int64_t id, std::string_view outcome, double unix_time_s) override {
        return around([&] { return journal_.end_plan(id, outcome, unix_time_s); });
    }
    Result<std::int64_t> open_migration(const MigrationRecord& record) override {
        return around([&] { return journal_.open_migration(record); });
    }
    Status update_migration(const MigrationRecord& record) override {
        return around([&] { return journal_.update_migration(record); });
    }
    Result<std::vector<MigrationRecord>> open_migrations() override { return journal_.open_migrations(); }
    Result<std::vector<MigrationRecord>> recent_migrations(int limit) override {
        return journal_.recent_migrations(limit);
    }
    Result<std::vector<PlanRecord>> recent_plans(int limit) override { return journal_.recent_plans(limit); }
    Result<std::vector<JournalMove>> past_moves(double unix_time_s, double window_s) override {
        return journal_.past_moves(unix_time_s, window_s);
    }

  private:
    virtual void before_write() = 0;
    virtual void after_write() = 0;

    template <typename Write>
    std::invoke_result_t<Write> around(Write write) {
        before_write();
        auto result = write();
        after_write();
        return result;
    }

    Journal& journal_;
};

}  // namespace ballast::test
