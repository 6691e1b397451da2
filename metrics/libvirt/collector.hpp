// SPDX-License-Identifier: Apache-2.0
// Telemetry from libvirt: reads all hosts at once, over one read-only connection and one thread per host.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "core/ports/clock.hpp"
#include "core/ports/telemetry.hpp"
#include "core/pressure.hpp"
#include "metrics/cluster_assembler.hpp"
#include "metrics/collector_options.hpp"
#include "metrics/poller.hpp"

namespace ballast {

// The signs of want of hosts (by name) as they are now. May take seconds, no longer than a look may.
using PressureOfHosts = std::function<Result<std::map<std::string, HostPressure>>()>;

class LibvirtCollector final : public Telemetry {
  public:
    // Errors of check_options(). Connects to nothing yet. `clock` must outlive the collector.
    [[nodiscard]] static Result<std::unique_ptr<LibvirtCollector>> make(const CollectorOptions& options, Clock& clock);

    // Takes at most twice the deadline: an answer that contradicts itself (see ClusterAssembler::check) is asked for a
    // second time, because a VM may have moved while the hosts were being read.
    // Not thread-safe. VMs get their first sample with the second call.
    [[nodiscard]] Result<Snapshot> observe() override;

    // Other options, keeping connections and history. False, and nothing changes, where that cannot be: make another
    // collector. Errors of check_options(), likewise.
    [[nodiscard]] Result<bool> exchange(const CollectorOptions& options);

    // What the journal knows of migrations that are over (Journal::past_moves); goes into the history of later
    // snapshots.
    void set_past_moves(std::vector<JournalMove> moves);
    // Hosts (names) that are in maintenance besides those configured so.
    void set_drained(std::set<std::string> hosts);
    // What the journal knows of the hosts' power. A host that is no longer asleep is asked at once, not after the pause
    // that its silence earned it.
    void set_power(PowerKnowledge power);

    // Whom to ask, beside every look, for the signs of want of whole hosts, which libvirt does not have; null = nobody.
    void set_pressure_source(PressureOfHosts source) { pressure_source_ = std::move(source); }
    // Why the last look lacks these signs; empty = it has them, or nobody is asked.
    [[nodiscard]] const std::string& pressure_problem() const { return pressure_problem_; }

    // What is known of the usual weeks of VMs; replaced by what was known in an earlier life.
    [[nodiscard]] const LoadCalendar& calendar() const { return assembler_.calendar(); }
    void set_calendar(LoadCalendar calendar) { assembler_.set_calendar(std::move(calendar)); }

  private:
    void take_pressure(Result<std::map<std::string, HostPressure>> pressure);

    LibvirtCollector(ClusterAssembler assembler, const CollectorOptions& options, Clock& clock);

    Clock& clock_;
    ClusterAssembler assembler_;
    Poller poller_;
    std::set<std::string> asleep_;  // as set last
    PressureOfHosts pressure_source_;
    std::string pressure_problem_;
};

}  // namespace ballast
