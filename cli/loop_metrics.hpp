// SPDX-License-Identifier: Apache-2.0
// What the loop tells Prometheus: the exporter, fed with what the loop sees, decides and does, with the hosts' energy
// and the state of the journal. For one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cli/live.hpp"
#include "core/plan.hpp"
#include "core/ports/actuator.hpp"
#include "core/proposal.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "executor/runner.hpp"
#include "metrics/energy/energy_monitor.hpp"
#include "metrics/exporter.hpp"

namespace ballast {

// What the configuration says of energy, with whom it names to be asked. Errors: of reading the password for
// Prometheus.
[[nodiscard]] Result<EnergyOptions> energy_options(const Config& config);

class LoopMetrics {
  public:
    // Listens as configured; null if the configuration says nothing. `cluster` must outlive it. Errors of
    // Exporter::listen(), and of reading the password for Prometheus.
    [[nodiscard]] static Result<std::unique_ptr<LoopMetrics>> open(LiveCluster& cluster, std::string_view mode);
    ~LoopMetrics();
    LoopMetrics(const LoopMetrics&) = delete;
    LoopMetrics& operator=(const LoopMetrics&) = delete;

    // What another configuration says of energy counts from now on.
    void adopt(EnergyOptions energy) { energy_.adopt(std::move(energy)); }

    [[nodiscard]] Exporter& exporter() { return *exporter_; }

    // A turn begins. It ends with turn_ended() or turn_failed().
    void turn_began();
    void turn_ended();
    void turn_failed();

    // In the order in which it happens in a turn: a look; the decision that followed from it, as soon as it is made;
    // a plan that is not let through; every action of the plan that carry_out() is at, when it ends.
    void looked(const Snapshot& snapshot);
    void decided(const Proposal& proposal, const Plan& plan);
    void not_approved() { exporter_->count_plan(PlanEnd::not_approved); }
    void action_ended(const ActionOutcome& outcome);
    // Carries the plan out through `actuator` and counts what becomes of it.
    [[nodiscard]] Result<ActuationReport> carry_out(Actuator& actuator, const Plan& plan, const Cluster& cluster,
                                                    std::string_view policy);

  private:
    LoopMetrics(LiveCluster& cluster, std::unique_ptr<Exporter> exporter, EnergyOptions energy);
    void show_journal();
    void note_meters();

    LiveCluster& cluster_;
    std::unique_ptr<Exporter> exporter_;
    EnergyMonitor energy_;
    const Plan* plan_ = nullptr;                         // while it is carried out
    const Cluster* planned_for_ = nullptr;               // likewise
    std::map<std::string, std::string> meter_problems_;  // that were said
    double turn_began_s_ = 0.0;                          // monotonic
    double looked_s_ = 0.0;
};

// An actuator that is counted. `metrics` may be null: then nothing is.
class MeteredActuator final : public Actuator {
  public:
    MeteredActuator(Actuator& actuator, LoopMetrics* metrics) : actuator_(actuator), metrics_(metrics) {}
    [[nodiscard]] Result<ActuationReport> carry_out(const Plan& plan, const Cluster& cluster,
                                                    std::string_view policy) override {
        if (metrics_ == nullptr) return actuator_.carry_out(plan, cluster, policy);
        return metrics_->carry_out(actuator_, plan, cluster, policy);
    }

  private:
    Actuator& actuator_;
    LoopMetrics* metrics_;
};

}  // namespace ballast
