// SPDX-License-Identifier: Apache-2.0
#include "executor/plan_actuator.hpp"

namespace ballast {

PlanActuator::PlanActuator(PlanRunner& runner, const StopSignal& stop, RunObserver observer)
    : runner_(runner), stop_(stop), observer_(std::move(observer)) {}

Result<ActuationReport> PlanActuator::carry_out(const Plan& plan, const Cluster& cluster, std::string_view policy) {
    outcome_.reset();
    Result<PlanOutcome> run = runner_.run(plan, cluster, policy, stop_, observer_);
    if (!run) return tl::unexpected(run.error());
    ActuationReport report;
    for (const ActionOutcome& outcome : run->outcomes) {
        switch (outcome.result) {
            case ActionResult::done: ++report.done; break;
            case ActionResult::rolled_back:
            case ActionResult::rejected:
            case ActionResult::needs_operator:
            case ActionResult::failed: ++report.failed; break;
            case ActionResult::skipped:
            case ActionResult::no_power_control: ++report.skipped; break;
        }
    }
    outcome_ = std::move(*run);
    return report;
}

}  // namespace ballast
