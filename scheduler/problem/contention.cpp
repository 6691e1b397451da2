// SPDX-License-Identifier: Apache-2.0
#include "scheduler/problem/goals.hpp"

namespace ballast {

namespace {

class Contention final : public Goal {
  public:
    Contention(const Cluster& cluster, JointLoad& joint, double level)
        : cluster_(cluster), joint_(joint), level_(level) {}

    [[nodiscard]] double of_host(HostId host) const override {
        return joint_.lacking_mhz(host, level_ * cluster_.usable(host).cpu_mhz());
    }

  private:
    const Cluster& cluster_;
    JointLoad& joint_;
    double level_;
};

}  // namespace

std::unique_ptr<Goal> contention_goal(const Cluster& cluster, JointLoad& joint, double level) {
    return std::make_unique<Contention>(cluster, joint, level);
}

}  // namespace ballast
