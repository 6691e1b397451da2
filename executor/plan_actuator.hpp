// SPDX-License-Identifier: Apache-2.0
// The executor behind the Actuator port: what makes the loop's decisions true on a real cluster.
#pragma once

#include <optional>

#include "core/ports/actuator.hpp"
#include "executor/runner.hpp"

namespace ballast {

class PlanActuator final : public Actuator {
  public:
    // `runner` and `stop` must outlive the actuator.
    PlanActuator(PlanRunner& runner, const StopSignal& stop, RunObserver observer);

    [[nodiscard]] Result<ActuationReport> carry_out(const Plan& plan, const Cluster& cluster,
                                                    std::string_view policy) override;

    // What became of the last plan, action by action; nothing before the first and after an error.
    [[nodiscard]] const std::optional<PlanOutcome>& outcome() const { return outcome_; }

  private:
    PlanRunner& runner_;
    const StopSignal& stop_;
    RunObserver observer_;
    std::optional<PlanOutcome> outcome_;
};

}  // namespace ballast
