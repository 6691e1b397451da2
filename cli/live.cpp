// SPDX-License-Identifier: Apache-2.0
#include "cli/live.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/output.hpp"

namespace ballast {

namespace {

constexpr double last_moves_window_s = 7.0 * 86'400.0;  // no cooldown is longer

}  // namespace

SystemClock& LiveCluster::clock() {
    static auto* clock = new SystemClock;  // never destroyed
    return *clock;
}

Result<std::unique_ptr<LiveCluster>> LiveCluster::open(const std::string& config_path) {
    Result<Config> config = load_config(config_path);
    if (!config) return tl::unexpected(config.error());
    std::unique_ptr<LiveCluster> cluster(new LiveCluster(std::move(*config)));
    Result<std::unique_ptr<LibvirtCollector>> collector = LibvirtCollector::make(cluster->config_.collector, clock());
    if (!collector) return fail(ErrorKind::usage, config_path + ": " + collector.error().message);
    cluster->collector_ = std::move(*collector);
    return cluster;
}

Result<Snapshot> LiveCluster::observe(std::size_t samples, double interval_s) {
    if (Status ok = read_last_moves(); !ok) return tl::unexpected(ok.error());
    Result<Snapshot> snapshot = collector_->observe();
    for (std::size_t i = 0; i < samples && snapshot; ++i) {
        ProgressLine::draw(
            fmt::format("watching the load: sample {} of {}, one every {:g} s", i + 1, samples, interval_s));
        clock().sleep(interval_s);
        snapshot = collector_->observe();
    }
    ProgressLine::clear();
    return snapshot;
}

Status LiveCluster::read_last_moves() {
    Result<std::unique_ptr<SqliteJournal>> journal = journal_if_any();
    if (!journal) return tl::unexpected(journal.error());
    if (*journal == nullptr) return {};
    const auto ages = (*journal)->last_move_ages(clock().unix_time_s(), last_moves_window_s);
    if (!ages) return tl::unexpected(ages.error());
    collector_->set_last_move_ages(*ages);
    return {};
}

Result<std::unique_ptr<SqliteJournal>> LiveCluster::journal_if_any() {
    std::error_code ignored;
    if (!std::filesystem::exists(config_.journal, ignored)) return nullptr;
    return SqliteJournal::open(config_.journal, SqliteJournal::Mode::read);
}

Result<std::unique_ptr<SqliteJournal>> LiveCluster::journal_for_writing() {
    return SqliteJournal::open(config_.journal, SqliteJournal::Mode::write);
}

bool report_problems(const Snapshot& snapshot) {
    for (const HostProblem& problem : snapshot.problems) note("ballast: " + problem.host + ": " + problem.message);
    return snapshot.problems.empty();
}

}  // namespace ballast
