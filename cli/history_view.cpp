// SPDX-License-Identifier: Apache-2.0
#include "cli/history_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/text_table.hpp"

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t idle_plans_shown = 10;

// A row of the table: a migration or a switch.
struct Row {
    double when_unix_s = 0.0;
    std::int64_t plan_id = 0;  // 0 = by hand
    std::string what;
    std::string outcome;
    double duration_s = NAN;
    double downtime_s = NAN;
    std::string why;
};

// In the order of time, newest first; migrations before switches where that is equal.
std::vector<Row> rows_of(const JournalPast& past) {
    std::vector<Row> rows;
    for (const MigrationRecord& m : past.migrations) {
        rows.push_back({m.created_unix_s, m.plan_id,
                        fmt::format("migrate {}  {} -> {}", m.vm.name, m.source.name, m.destination.name),
                        std::string(name(m.state)), m.duration_s, m.downtime_s,
                        m.state == MigrationState::done ? m.reason : m.note});
    }
    for (const SwitchRecord& s : past.switches) {
        rows.push_back({s.created_unix_s, s.plan_id, fmt::format("{} {}", name(s.kind), s.host.name),
                        std::string(name(s.state)), s.duration_s, NAN,
                        s.state == SwitchState::done ? s.reason : s.note});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.when_unix_s > b.when_unix_s; });
    return rows;
}

Json measured(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json_value(const MigrationRecord& m) {
    return {{"id", m.id},
            {"plan", m.plan_id},
            {"vm", m.vm.name},
            {"uuid", m.vm.uuid},
            {"from", m.source.name},
            {"to", m.destination.name},
            {"state", name(m.state)},
            {"created_unix_s", m.created_unix_s},
            {"updated_unix_s", m.updated_unix_s},
            {"reason", m.reason},
            {"note", m.note},
            {"predicted_duration_s", measured(m.predicted_duration_s)},
            {"predicted_downtime_s", measured(m.predicted_downtime_s)},
            {"duration_s", measured(m.duration_s)},
            {"downtime_s", measured(m.downtime_s)},
            {"bytes", measured(m.bytes_sent)}};
}

Json to_json_value(const SwitchRecord& s) {
    return {{"id", s.id},
            {"plan", s.plan_id},
            {"host", s.host.name},
            {"kind", name(s.kind)},
            {"state", name(s.state)},
            {"created_unix_s", s.created_unix_s},
            {"updated_unix_s", s.updated_unix_s},
            {"reason", s.reason},
            {"note", s.note},
            {"duration_s", measured(s.duration_s)}};
}

Json to_json_value(const PlanRecord& p) {
    return {{"id", p.id},
            {"created_unix_s", p.created_unix_s},
            {"policy", p.policy},
            {"actions", p.actions},
            {"outcome", p.outcome}};
}

std::string policy_name(const PlanRecord& plan) { return plan.policy.substr(0, plan.policy.find(':')); }

}  // namespace

JournalPast select(JournalPast past, const PastFilter& filter) {
    std::erase_if(past.migrations, [&](const MigrationRecord& m) {
        const bool other_vm = !filter.vm.empty() && m.vm.name != filter.vm;
        return other_vm || (!filter.host.empty() && m.source.name != filter.host && m.destination.name != filter.host);
    });
    std::erase_if(past.switches, [&](const SwitchRecord& s) {
        return !filter.vm.empty() || (!filter.host.empty() && s.host.name != filter.host);
    });
    const std::vector<Row> rows = rows_of(past);
    double oldest_unix_s = -INFINITY;
    if (rows.size() > filter.limit) {
        // The limit cuts between two moments: what happened at one is shown whole or, with the limit, not at all.
        oldest_unix_s = filter.limit == 0 ? INFINITY : rows[filter.limit - 1].when_unix_s;
        std::erase_if(past.migrations, [&](const MigrationRecord& m) { return m.created_unix_s < oldest_unix_s; });
        std::erase_if(past.switches, [&](const SwitchRecord& s) { return s.created_unix_s < oldest_unix_s; });
    }
    std::set<std::int64_t> wanted;
    for (const MigrationRecord& m : past.migrations) wanted.insert(m.plan_id);
    for (const SwitchRecord& s : past.switches) wanted.insert(s.plan_id);
    const bool by_name = !filter.vm.empty() || !filter.host.empty();
    std::erase_if(past.plans, [&](const PlanRecord& p) {
        return !wanted.contains(p.id) && (by_name || p.created_unix_s < oldest_unix_s);
    });
    return past;
}

std::string show_past(const JournalPast& past) {
    std::map<std::int64_t, const PlanRecord*> plans;
    for (const PlanRecord& plan : past.plans) plans.emplace(plan.id, &plan);
    TextTable table({{"WHEN"},
                     {"PLAN", Align::right},
                     {"POLICY"},
                     {"WHAT"},
                     {"OUTCOME"},
                     {"TOOK s", Align::right},
                     {"DOWN ms", Align::right},
                     {"WHY"}});
    std::set<std::int64_t> shown;
    for (const Row& row : rows_of(past)) {
        const auto plan = plans.find(row.plan_id);
        shown.insert(row.plan_id);
        table.add_row({local_time(row.when_unix_s), row.plan_id == 0 ? "-" : std::to_string(row.plan_id),
                       plan == plans.end() ? "by hand" : policy_name(*plan->second), row.what, row.outcome,
                       fixed(row.duration_s, 1), fixed(row.downtime_s * 1000.0, 0), row.why});
    }
    std::string text = shown.empty() ? "Nothing was carried out.\n" : table.render();
    std::size_t idle = 0;
    for (const PlanRecord& plan : past.plans) {
        if (shown.contains(plan.id) || ++idle > idle_plans_shown) continue;
        text += fmt::format("{}: plan {} ({}, {} actions), of which nothing was begun: {}\n",
                            local_time(plan.created_unix_s), plan.id, policy_name(plan), plan.actions,
                            plan.outcome.empty() ? "under way, or cut short" : plan.outcome);
    }
    if (idle > idle_plans_shown) text += fmt::format("… and {} such plans more\n", idle - idle_plans_shown);
    return text;
}

std::string to_json(const JournalPast& past) {
    Json document{{"plans", Json::array()}, {"migrations", Json::array()}, {"switches", Json::array()}};
    for (const PlanRecord& plan : past.plans) document["plans"].push_back(to_json_value(plan));
    for (const MigrationRecord& migration : past.migrations) {
        document["migrations"].push_back(to_json_value(migration));
    }
    for (const SwitchRecord& one : past.switches) document["switches"].push_back(to_json_value(one));
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ballast
