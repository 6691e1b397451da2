// SPDX-License-Identifier: Apache-2.0
// The configured cluster, alive: what the commands that talk to libvirt start from.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/toml/config.hpp"
#include "core/snapshot.hpp"
#include "executor/fence.hpp"
#include "executor/hold_file.hpp"
#include "executor/journal_sqlite.hpp"
#include "executor/power/switchboard.hpp"
#include "executor/system_clock.hpp"
#include "metrics/libvirt/collector.hpp"

namespace ballast {

class LiveCluster {
  public:
    // Reads the configuration. Connects to nothing yet.
    [[nodiscard]] static Result<std::unique_ptr<LiveCluster>> open(const std::string& config_path);

    [[nodiscard]] const Config& config() const { return config_; }
    // Puts another configuration in force, whole or not at all; a look at the cluster must agree with it, but for hosts
    // that do not answer. True if what was learnt of the load stays; otherwise that begins anew. Its journal, its hold
    // file and its metrics address must be those of before.
    [[nodiscard]] Result<bool> adopt(Config config);
    // The kill switch.
    [[nodiscard]] HoldFile& hold() { return hold_; }
    // Usage error for a name that no configured host has.
    [[nodiscard]] Status check_names(const std::vector<std::string>& hosts) const;
    // The ways to put hosts to sleep and to wake them.
    [[nodiscard]] PowerControl& power() { return *power_; }
    // Hosts that have such a way but may not be switched by plans now, with the reason: nobody has seen them wake, or
    // something failed. As of the last observe().
    [[nodiscard]] const std::map<std::string, std::string>& barred() const { return barred_; }
    // Lives as long as the process: libvirt's events may come late.
    [[nodiscard]] static SystemClock& clock();

    // Seconds that the last look at all hosts took.
    [[nodiscard]] double last_look_s() const { return last_look_s_; }

    // Called with every look of observe(); an error of it is one of observe().
    using LookSink = std::function<Status(const Snapshot&)>;
    void tell(LookSink sink) { sink_ = std::move(sink); }

    // Called for every host that was to be fenced, whoever settles; by any thread.
    void tell_fences(FenceSink sink) { fence_sink_ = std::move(sink); }

    // Sleeps. False, and at once, if a person asked to stop.
    [[nodiscard]] static bool wait(double seconds);

    // Takes what is past, drained or asleep from the journal, if there is one. Errors: the journal's.
    [[nodiscard]] Status read_journal();
    // One look at all hosts. Errors: those of LibvirtCollector::observe() and of whom tell() named.
    [[nodiscard]] Result<Snapshot> look();

    // Takes `samples` samples of every VM's load, `interval_s` apart (that many observations and one before them), with
    // progress on a terminal, after read_journal(). Fails when a person asks to stop.
    [[nodiscard]] Result<Snapshot> observe(std::size_t samples, double interval_s);

    // From now on what is learnt of the VMs' usual weeks is written down, once an hour and by write_weeks(). For the
    // one command that watches the cluster for long; all others only read it.
    void keep_weeks() { weeks_written_hour_ = hour_now(); }
    // Says on stderr if it cannot be written. Does nothing without keep_weeks().
    void write_weeks();

    // The journal, if its file exists; nullptr otherwise.
    [[nodiscard]] Result<std::unique_ptr<SqliteJournal>> journal_if_any();
    // The journal, open for writing, created if need be. Refused while another ballast writes it, after waiting for
    // that one so long: a loop lets go of the journal after every turn.
    [[nodiscard]] Result<std::unique_ptr<SqliteJournal>> journal_for_writing(double patience_s = 3.0);

  private:
    explicit LiveCluster(Config config);
    // The kill switch holds for fencing, too, whoever asks for it; and it is told.
    void watch_fencing(Config& config);
    [[nodiscard]] Status read_power(SqliteJournal* journal);
    [[nodiscard]] std::string weeks_path() const { return config_.journal + ".weeks"; }
    void read_weeks();
    void note_pressure_problem();
    [[nodiscard]] static std::int64_t hour_now();

    Config config_;
    HoldFile& hold_;  // lives as long as the process: a signal may come late
    std::unique_ptr<power::Switchboard> power_;
    std::map<std::string, std::string> barred_;
    std::unique_ptr<LibvirtCollector> collector_;
    double last_look_s_ = 0.0;
    LookSink sink_;
    FenceSink fence_sink_;
    std::string said_pressure_problem_;
    std::optional<std::int64_t> weeks_written_hour_;  // since 1970; none = they are not kept
};

// Notes every host that could not be read on stderr. True if there was none.
bool report_problems(const Snapshot& snapshot);

}  // namespace ballast
