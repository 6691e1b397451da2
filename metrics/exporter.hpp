// SPDX-License-Identifier: Apache-2.0
// Ballast's own metrics for Prometheus: an HTTP server for /metrics, and what feeds it. Names, units and help are in
// exporter.cpp and exporter_gauges.cpp.
//
// Labels are bounded: hosts as configured, policies, results and reasons as the program knows them; never VMs.
// Thread-safe: any thread may feed it while it is being scraped.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/plan.hpp"
#include "core/ports/journal.hpp"
#include "core/proposal.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"

namespace ballast {

class Exporter {
  public:
    static constexpr std::string_view default_address = "127.0.0.1:9177";

    // Listens on "ADDRESS:PORT"; port 0 = any free one. Only loopback addresses (127.0.0.0/8, [::1], localhost) are
    // accepted, because there is neither TLS nor authentication yet. Errors: usage for another or malformed address,
    // failed if it cannot be bound.
    [[nodiscard]] static Result<std::unique_ptr<Exporter>> listen(std::string_view address);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    [[nodiscard]] int port() const;

    // Replaces all gauges by what this snapshot shows; the time it took to collect goes into a histogram. Hosts that
    // are not reachable have no load figures until they answer again.
    void observe_snapshot(const Snapshot& snapshot, double collect_s);

    // One decision: the moves it wants and, by reason, the VMs it leaves. Of `policy` ("spread:enter=0.8") the name
    // counts.
    void count_decision(std::string_view policy, const Proposal& proposal);

    // One migration that has come to an end. NaN = not measured.
    void count_migration(MigrationState result, double duration_s, double downtime_s, double bytes_sent);

    // One host that was put to sleep or woken, or was not: with the executor's word for the result.
    void count_switch(ActionKind action, std::string_view result);

  private:
    struct Impl;
    explicit Exporter(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
