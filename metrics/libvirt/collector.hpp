// SPDX-License-Identifier: Apache-2.0
// Telemetry from libvirt: reads all hosts at once, over one read-only connection and one thread per host.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "core/ports/clock.hpp"
#include "core/ports/telemetry.hpp"
#include "metrics/cluster_assembler.hpp"
#include "metrics/collector_options.hpp"
#include "metrics/poller.hpp"

namespace ballast {

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

    // What is known of the usual weeks of VMs; replaced by what was known in an earlier life.
    [[nodiscard]] const LoadCalendar& calendar() const { return assembler_.calendar(); }
    void set_calendar(LoadCalendar calendar) { assembler_.set_calendar(std::move(calendar)); }

  private:
    LibvirtCollector(ClusterAssembler assembler, const CollectorOptions& options, Clock& clock);

    Clock& clock_;
    ClusterAssembler assembler_;
    Poller poller_;
    std::set<std::string> asleep_;  // as set last
};

}  // namespace ballast
