// SPDX-License-Identifier: Apache-2.0
#include "scheduler/packing_order.hpp"
#include "scheduler/problem/goals.hpp"

namespace ballast {

namespace {

class Energy final : public Goal {
  public:
    Energy(const Cluster& cluster, const Placement& placement) : cluster_(cluster), placement_(placement) {}

    [[nodiscard]] double of_host(HostId host) const override {
        if (placement_.vm_count(host) > 0) return watts(cluster_, placement_, host);
        const auto& power = cluster_.spec(host).power;
        return power ? power->sleep_watts : 0.0;
    }

  private:
    const Cluster& cluster_;
    const Placement& placement_;
};

class Effort final : public Goal {
  public:
    Effort(const Cluster& cluster, const Placement& placement, const MigrationModel& model, double stable_s)
        : cluster_(cluster), placement_(placement), model_(model), stable_s_(stable_s) {}

    [[nodiscard]] double of_host(HostId host) const override {
        const auto& power = cluster_.spec(host).power;
        const bool emptied = placement_.vm_count(host) == 0 && !cluster_.vms_on(host).empty();
        return power && emptied ? switching_joules(*power) / stable_s_ : 0.0;
    }

    [[nodiscard]] double of_vm(VmId vm) const override {
        if (!placement_.moved(vm)) return 0.0;
        return migration_joules(migration_cost(model_, cluster_.migrated_bytes(vm))) / stable_s_;
    }

  private:
    const Cluster& cluster_;
    const Placement& placement_;
    const MigrationModel& model_;
    double stable_s_;
};

}  // namespace

std::unique_ptr<Goal> energy_goal(const Cluster& cluster, const Placement& placement) {
    return std::make_unique<Energy>(cluster, placement);
}

std::unique_ptr<Goal> effort_goal(const Cluster& cluster, const Placement& placement, const MigrationModel& model,
                                  double stable_s) {
    return std::make_unique<Effort>(cluster, placement, model, stable_s);
}

}  // namespace ballast
