// SPDX-License-Identifier: Apache-2.0
#include "control/cycle.hpp"

#include "control/plan_cut.hpp"
#include "core/check.hpp"

namespace ballast {

Result<Cycle> run_cycle(const CycleInput& input, Rng& rng) {
    Result<Snapshot> snapshot = input.telemetry.observe();
    if (!snapshot) return tl::unexpected(snapshot.error());
    Result<Decision> decision =
        decide({snapshot->cluster, snapshot->history, input.migration_model}, input.policy, rng);
    if (!decision) return tl::unexpected(decision.error());
    Cycle cycle{std::move(*snapshot), std::move(*decision), 0, std::nullopt};
    if (input.moves_max) {
        CutPlan cut = cut_plan(cycle.decision.plan, cycle.snapshot.cluster, *input.moves_max);
        cycle.decision.plan = std::move(cut.plan);
        cycle.moves_cut = cut.moves_cut;
    }
    if (cycle.decision.plan.actions.empty() || !input.approve(cycle.snapshot, cycle.decision)) return cycle;
    BALLAST_CHECK(input.actuator != nullptr, "what was approved needs somebody to carry it out");
    Result<ActuationReport> report =
        input.actuator->carry_out(cycle.decision.plan, cycle.snapshot.cluster, cycle.decision.proposal.policy);
    if (!report) return tl::unexpected(report.error());
    cycle.actuation = *report;
    return cycle;
}

}  // namespace ballast
