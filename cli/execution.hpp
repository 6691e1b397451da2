// SPDX-License-Identifier: Apache-2.0
// Carrying plans out from the command line: journal, runner, Ctrl-C, progress, and what is said about the outcome.
#pragma once

#include <memory>
#include <string>

#include "cli/live.hpp"
#include "cli/loop_metrics.hpp"
#include "core/ports/actuator.hpp"

namespace ballast {

class Execution {
  public:
    // Opens the journal for writing and checks that it has no open migration or power switch; while `advise_only`, does
    // neither. Signals ask the running plan to stop from now on (stop.hpp). `cluster` must outlive the result; so must
    // `metrics`, if there are any. Errors: refused if one has not been brought to its end.
    [[nodiscard]] static Result<std::unique_ptr<Execution>> open(LiveCluster& cluster, LoopMetrics* metrics,
                                                                 bool advise_only);
    ~Execution();

    [[nodiscard]] Actuator* actuator();      // null while `advise_only`
    [[nodiscard]] SqliteJournal* journal();  // likewise
    [[nodiscard]] bool stop_requested() const;

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
