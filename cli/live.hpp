// SPDX-License-Identifier: Apache-2.0
// The configured cluster, alive: what the commands that talk to libvirt start from.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/toml/config.hpp"
#include "core/snapshot.hpp"
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
    // Usage error for a name that no configured host has.
    [[nodiscard]] Status check_names(const std::vector<std::string>& hosts) const;
    // The ways to put hosts to sleep and to wake them.
    [[nodiscard]] PowerControl& power() { return power_; }
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

    // Sleeps. False, and at once, if a person asked to stop.
    [[nodiscard]] static bool wait(double seconds);

    // Takes `samples` samples of every VM's load, `interval_s` apart (that many observations and one before them), with
    // progress on a terminal. What is past, drained or asleep comes from the journal, if there is one. Fails when a
    // person asks to stop.
    [[nodiscard]] Result<Snapshot> observe(std::size_t samples, double interval_s);

    // The journal, if its file exists; nullptr otherwise.
    [[nodiscard]] Result<std::unique_ptr<SqliteJournal>> journal_if_any();
    // The journal, open for writing, created if need be. Refused while another ballast writes it.
    [[nodiscard]] Result<std::unique_ptr<SqliteJournal>> journal_for_writing();

  private:
    explicit LiveCluster(Config config) : config_(std::move(config)), power_(config_.power) {}
    [[nodiscard]] Status read_journal();
    [[nodiscard]] Status read_power(SqliteJournal* journal);
    [[nodiscard]] Result<Snapshot> look();

    Config config_;
    power::Switchboard power_;
    std::map<std::string, std::string> barred_;
    std::unique_ptr<LibvirtCollector> collector_;
    double last_look_s_ = 0.0;
    LookSink sink_;
};

// Notes every host that could not be read on stderr. True if there was none.
bool report_problems(const Snapshot& snapshot);

}  // namespace ballast
