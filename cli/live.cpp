// SPDX-License-Identifier: Apache-2.0
#include "cli/live.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/output.hpp"
#include "cli/prometheus_source.hpp"
#include "cli/stop.hpp"
#include "core/check.hpp"
#include "metrics/load_calendar_text.hpp"

namespace ballast {

namespace {

constexpr double stop_poll_s = 0.2;
constexpr double refused_rest_s = 1800.0;  // a host that was found not to be empty will not be, a cycle later
constexpr double past_moves_window_s = 7.0 * History::day_s;  // no cooldown is longer

HoldFile& hold_at(const std::string& path) {
    static auto* all = new std::map<std::string, HoldFile>;  // never destroyed
    return all->try_emplace(path, path).first->second;
}

}  // namespace

SystemClock& LiveCluster::clock() {
    static auto* clock = new SystemClock;  // never destroyed
    return *clock;
}

LiveCluster::LiveCluster(Config config)
    : config_(std::move(config)),
      hold_(hold_at(config_.hold)),
      power_(std::make_unique<power::Switchboard>(config_.power)) {
    watch_fencing(config_);
}

void LiveCluster::watch_fencing(Config& config) {
    config.run.settle.fence.gate = [&hold = hold_] { return hold.because(); };
    config.run.settle.fence.told = [this](FenceResult result) {
        if (fence_sink_) fence_sink_(result);
    };
}

Result<std::unique_ptr<LiveCluster>> LiveCluster::open(const std::string& config_path) {
    Result<Config> config = load_config(config_path);
    if (!config) return tl::unexpected(config.error());
    std::unique_ptr<LiveCluster> cluster(new LiveCluster(std::move(*config)));
    Result<std::unique_ptr<LibvirtCollector>> collector = LibvirtCollector::make(cluster->config_.collector, clock());
    if (!collector) return fail(ErrorKind::usage, config_path + ": " + collector.error().message);
    cluster->collector_ = std::move(*collector);
    cluster->collector_->set_pressure_source(pressure_from_prometheus(cluster->config_));
    cluster->read_weeks();
    return cluster;
}

Result<bool> LiveCluster::adopt(Config config) {
    BALLAST_CHECK(config.journal == config_.journal && config.hold == config_.hold, "these stay what they are");
    watch_fencing(config);
    const Result<bool> keeps = collector_->exchange(config.collector);
    if (!keeps) return tl::unexpected(keeps.error());
    std::unique_ptr<LibvirtCollector> collector;
    if (!*keeps) {
        auto made = LibvirtCollector::make(config.collector, clock());
        if (!made) return tl::unexpected(made.error());
        collector = std::move(*made);
        collector->set_calendar(collector_->calendar());
    }
    const auto swap_all = [&] {
        std::swap(config, config_);
        if (collector) std::swap(collector, collector_);
        collector_->set_pressure_source(pressure_from_prometheus(config_));
        said_pressure_problem_.clear();
    };
    swap_all();
    Status agrees = read_journal();
    if (agrees) {
        // A rule that names what is not there shows only now. Who does not answer is no matter of the configuration.
        const Result<Snapshot> seen = look();
        if (!seen && seen.error().kind == ErrorKind::usage) agrees = tl::unexpected(seen.error());
    }
    if (!agrees) {
        swap_all();
        if (*keeps) BALLAST_CHECK(collector_->exchange(config_.collector).value_or(false), "what was, may be again");
        return tl::unexpected(agrees.error());
    }
    power_ = std::make_unique<power::Switchboard>(config_.power);
    return *keeps;
}

Status LiveCluster::check_names(const std::vector<std::string>& names) const {
    const auto& hosts = config_.collector.hosts;
    for (const std::string& name : names) {
        if (std::any_of(hosts.begin(), hosts.end(), [&](const HostOptions& h) { return h.name == name; })) continue;
        std::string known;
        for (const HostOptions& host : hosts) known += (known.empty() ? "" : ", ") + host.name;
        return fail(ErrorKind::usage, "there is no host \"" + name + "\"; configured are: " + known);
    }
    return {};
}

Result<Snapshot> LiveCluster::observe(std::size_t samples, double interval_s) {
    if (Status ok = read_journal(); !ok) return tl::unexpected(ok.error());
    Result<Snapshot> snapshot = look();
    for (std::size_t i = 0; i < samples && snapshot; ++i) {
        ProgressLine::draw(
            fmt::format("watching the load: sample {} of {}, one every {:g} s", i + 1, samples, interval_s));
        const bool go_on = wait(interval_s);
        ProgressLine::clear();
        if (!go_on) return fail(ErrorKind::failed, "stopped while watching the load");
        snapshot = look();
    }
    return snapshot;
}

Result<Snapshot> LiveCluster::look() {
    const double start_s = clock().monotonic_s();
    Result<Snapshot> snapshot = collector_->observe();
    last_look_s_ = clock().monotonic_s() - start_s;
    note_pressure_problem();
    if (weeks_written_hour_ && *weeks_written_hour_ != hour_now()) write_weeks();
    if (!snapshot || !sink_) return snapshot;
    if (Status ok = sink_(*snapshot); !ok) return tl::unexpected(ok.error());
    return snapshot;
}

// Once, until it is another one.
void LiveCluster::note_pressure_problem() {
    if (said_pressure_problem_ == collector_->pressure_problem()) return;
    said_pressure_problem_ = collector_->pressure_problem();
    if (said_pressure_problem_.empty()) return note("ballast: the pressure on hosts is measured again");
    note("ballast: the pressure on hosts (stalls, swapping) is not measured: " + said_pressure_problem_);
}

std::int64_t LiveCluster::hour_now() { return static_cast<std::int64_t>(clock().unix_time_s() / 3600.0); }

void LiveCluster::read_weeks() {
    std::error_code ignored;
    if (!std::filesystem::exists(weeks_path(), ignored)) return;
    const Result<std::string> text = read_file(weeks_path());
    if (!text) return note("ballast: " + text.error().message + "; the VMs' usual weeks are learnt anew");
    Result<LoadCalendar> calendar = load_calendar_from_text(*text);
    if (!calendar) {
        return note("ballast: " + weeks_path() + ": " + calendar.error().message +
                    "; the VMs' usual weeks are learnt anew");
    }
    collector_->set_calendar(std::move(*calendar));
}

void LiveCluster::write_weeks() {
    if (!weeks_written_hour_) return;
    weeks_written_hour_ = hour_now();
    if (const Status ok = write_file(weeks_path(), to_text(collector_->calendar())); !ok) {
        note("ballast: " + ok.error().message + "; the VMs' usual weeks will be learnt anew after a restart");
    }
}

bool LiveCluster::wait(double seconds) {
    const double end_s = clock().monotonic_s() + seconds;
    while (!stop_signal().start_nothing_new()) {
        const double left_s = end_s - clock().monotonic_s();
        if (left_s <= 0.0) return true;
        clock().sleep(std::min(left_s, stop_poll_s));
    }
    return false;
}

Status LiveCluster::read_journal() {
    Result<std::unique_ptr<SqliteJournal>> journal = journal_if_any();
    if (!journal) return tl::unexpected(journal.error());
    if (Status ok = read_power(journal->get()); !ok) return ok;
    if (*journal == nullptr) return {};
    Result<std::vector<JournalMove>> moves = (*journal)->past_moves(clock().unix_time_s(), past_moves_window_s);
    if (!moves) return tl::unexpected(moves.error());
    collector_->set_past_moves(std::move(*moves));
    const auto drained = (*journal)->drained_hosts();
    if (!drained) return tl::unexpected(drained.error());
    std::set<std::string> names;
    for (const SqliteJournal::DrainedHost& host : *drained) names.insert(host.name);
    collector_->set_drained(std::move(names));
    return {};
}

Status LiveCluster::read_power(SqliteJournal* journal) {
    PowerKnowledge power;
    if (journal != nullptr) {
        auto pasts = journal->power_pasts();
        if (!pasts) return tl::unexpected(pasts.error());
        power.pasts = std::move(*pasts);
        auto switches = journal->past_switches(clock().unix_time_s(), History::day_s);
        if (!switches) return tl::unexpected(switches.error());
        power.switches = std::move(*switches);
    }
    barred_.clear();
    for (const auto& [host, options] : config_.power) {
        const auto past = std::find_if(power.pasts.begin(), power.pasts.end(),
                                       [&name = host](const PowerPast& p) { return p.host == name; });
        const bool known = past != power.pasts.end();
        if (known && !past->quarantined_because.empty()) {
            barred_[host] = past->quarantined_because;
        } else if (known && !past->refused_because.empty() &&
                   clock().unix_time_s() - past->refused_unix_s < refused_rest_s) {
            barred_[host] = past->refused_because;
        } else if (!options.wake_tested && !(known && past->wake_proven)) {
            barred_[host] = fmt::format("nobody has seen {} wake up yet; `ballast power {} test` tries it", host, host);
        }
    }
    for (const auto& [host, because] : barred_) power.barred.insert(host);
    collector_->set_power(std::move(power));
    return {};
}

Result<std::unique_ptr<SqliteJournal>> LiveCluster::journal_if_any() {
    std::error_code ignored;
    if (!std::filesystem::exists(config_.journal, ignored)) return nullptr;
    return SqliteJournal::open(config_.journal, SqliteJournal::Mode::read);
}

Result<std::unique_ptr<SqliteJournal>> LiveCluster::journal_for_writing(double patience_s) {
    const double end_s = clock().monotonic_s() + patience_s;
    for (;;) {
        auto journal = SqliteJournal::open(config_.journal, SqliteJournal::Mode::write);
        const bool in_use = !journal && journal.error().kind == ErrorKind::refused;
        if (!in_use || clock().monotonic_s() >= end_s || !wait(stop_poll_s)) return journal;
    }
}

bool report_problems(const Snapshot& snapshot) {
    for (const HostProblem& problem : snapshot.problems) note("ballast: " + problem.message);
    return snapshot.problems.empty();
}

}  // namespace ballast
