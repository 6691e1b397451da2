// SPDX-License-Identifier: Apache-2.0
// Ballast's own metrics for Prometheus: an HTTP server for /metrics, and what feeds it. Names, units and help are in
// exporter_instruments.cpp (what is counted), exporter_gauges.cpp (what a snapshot shows) and energy_monitor.cpp.
//
// Labels are bounded: hosts as configured, policies, results and reasons as the program knows them; VMs only where the
// caller hands in families that name them.
// Thread-safe: any thread may feed it while it is being scraped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "core/models/migration_model.hpp"
#include "core/plan.hpp"
#include "core/ports/journal.hpp"
#include "core/proposal.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "metrics/listener_options.hpp"
#include "metrics/sample_family.hpp"

namespace ballast {

class ListenerSecrets;  // metrics/http_listener.hpp

// What became of a plan.
enum class PlanEnd : std::uint8_t {
    done,          // every action
    partly,        // some
    failed,        // none, but something was tried
    refused,       // a safety check said no before anything was done
    not_approved,  // the mode, or a person, did not let it happen
};
[[nodiscard]] std::string_view name(PlanEnd end);

// One migration that has come to an end. NaN = not measured.
struct EndedMigration {
    MigrationState result = MigrationState::done;
    double duration_s = std::numeric_limits<double>::quiet_NaN();
    double downtime_s = std::numeric_limits<double>::quiet_NaN();
    double bytes_sent = std::numeric_limits<double>::quiet_NaN();
    MigrationCost predicted;  // zeros = nothing was
};

// What the journal holds that somebody may have to look after.
struct JournalFigures {
    std::size_t migrations_open = 0;  // under way, or left by a process that died
    std::size_t needs_operator = 0;   // of these, those that wait for a person
    std::size_t switches_open = 0;
    std::size_t hosts_quarantined = 0;
    double size_bytes = 0.0;  // of its files
    bool writing = false;     // this process holds the writer's lock
};

class Exporter {
  public:
    // Serves GET /metrics there. Errors: those of HttpListener::open().
    [[nodiscard]] static Result<std::unique_ptr<Exporter>> listen(const ListenerOptions& options);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    [[nodiscard]] int port() const;
    // As HttpListener::renew().
    [[nodiscard]] Status renew(const ListenerSecrets& secrets);

    // In which mode it runs: "advise", "confirm", "auto". By one thread.
    void set_mode(std::string_view mode);
    // Whether new moves are held (the kill switch).
    void set_hold(bool held);

    // Replaces all gauges by what this snapshot shows, and by `families` (energy, VMs); the time it took to collect
    // goes into a histogram. Hosts that are not reachable have no load figures until they answer again.
    void observe_snapshot(const Snapshot& snapshot, double collect_s, std::vector<SampleFamily> families = {});
    void observe_journal(const JournalFigures& figures);
    // One turn of the loop, from the first look to the last action's end; and one that ended in an error.
    void observe_turn(double duration_s);
    void count_failed_cycle();
    // An attempt to reload the configuration.
    void count_reload(bool taken);

    // One decision and how long it took: the moves it wants, by reason the VMs it leaves, the moves that could not be
    // ordered. Of `policy` ("spread:enter=0.8") the name counts.
    void count_decision(std::string_view policy, const Proposal& proposal, const Plan& plan, double decide_s);
    void count_plan(PlanEnd end);
    void count_migration(const EndedMigration& migration);
    // One host that was put to sleep or woken, or was not: with the executor's word for the result.
    void count_switch(ActionKind action, std::string_view result);
    // One host that was to be fenced: with the executor's word for the result.
    void count_fence(std::string_view result);

  private:
    struct Impl;
    explicit Exporter(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
