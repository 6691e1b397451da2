// SPDX-License-Identifier: Apache-2.0
// Carrying plans out from the command line: journal, runner, Ctrl-C, progress, and what is said about the outcome.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/live.hpp"
#include "cli/loop_metrics.hpp"
#include "core/ports/actuator.hpp"
#include "executor/start_gate.hpp"

namespace ballast {

// What a crash left open in the journal is a reason to begin nothing, or is brought to its end first.
enum class LeftOpen { refuse, bring_to_an_end };

class Execution {
  public:
    // Has no journal yet and carries nothing out. `gate` is asked besides the hold file; `alive` is called every second
    // or so, by the thread that called, while something goes on. `cluster` and `metrics`, which may be null, must
    // outlive the result.
    [[nodiscard]] static std::unique_ptr<Execution> idle(LiveCluster& cluster, LoopMetrics* metrics, StartGate gate,
                                                         std::function<void()> alive);
    // Takes the journal for writing, so that nobody else carries anything out until end(). Errors: refused, if another
    // ballast has it, waiting for that one at most `patience_s`, on hold, or by `left_open`; otherwise the journal's.
    [[nodiscard]] Status begin(LeftOpen left_open, double patience_s);
    void end();

    // Idle, and begun unless `advise_only`; what was left open is refused. Signals ask the running plan to stop from
    // now on (stop.hpp).
    [[nodiscard]] static Result<std::unique_ptr<Execution>> open(LiveCluster& cluster, LoopMetrics* metrics,
                                                                 bool advise_only, StartGate gate = nullptr);
    ~Execution();

    [[nodiscard]] Actuator* actuator();      // null unless begun
    [[nodiscard]] SqliteJournal* journal();  // likewise
    [[nodiscard]] bool stop_requested() const;

    // The plan that was carried out last could not be written down to its end.
    [[nodiscard]] bool journal_failed() const;
    // Says for people what became of the plan that was carried out last; returns the exit code it deserves.
    [[nodiscard]] int report_outcome() const;
    // The same for machines: a list with one entry per action; "null" if no plan was carried out.
    [[nodiscard]] std::string outcome_json(const Cluster& cluster, const Plan& plan) const;

  private:
    struct Impl;
    explicit Execution(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
