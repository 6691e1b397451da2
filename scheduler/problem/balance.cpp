// SPDX-License-Identifier: Apache-2.0
#include "scheduler/problem/goals.hpp"

namespace ballast {

namespace {

class Balance final : public Goal {
  public:
    Balance(const Cluster& cluster, const Placement& placement) : cluster_(cluster), placement_(placement) {}

    [[nodiscard]] double of_host(HostId host) const override {
        const double utilisation = placement_.utilisation(host, Resource::cpu);
        return cluster_.usable(host).cpu_mhz() * utilisation * utilisation;
    }

  private:
    const Cluster& cluster_;
    const Placement& placement_;
};

}  // namespace

std::unique_ptr<Goal> balance_goal(const Cluster& cluster, const Placement& placement) {
    return std::make_unique<Balance>(cluster, placement);
}

}  // namespace ballast
