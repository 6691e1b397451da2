// SPDX-License-Identifier: Apache-2.0
#include "scheduler/problem/goals.hpp"

namespace ballast {

namespace {

class MovedMemory final : public Goal {
  public:
    MovedMemory(const Cluster& cluster, const Placement& placement) : cluster_(cluster), placement_(placement) {
        ResourceVector usable;
        for (std::size_t h = 0; h < cluster.host_count(); ++h) usable += cluster.usable(HostId(h));
        if (usable.memory_bytes() > 0.0) mhz_per_byte_ = usable.cpu_mhz() / usable.memory_bytes();
    }

    [[nodiscard]] double of_vm(VmId vm) const override {
        return placement_.moved(vm) ? mhz_per_byte_ * cluster_.migrated_bytes(vm) : 0.0;
    }

  private:
    const Cluster& cluster_;
    const Placement& placement_;
    double mhz_per_byte_ = 0.0;
};

}  // namespace

std::unique_ptr<Goal> moved_memory_goal(const Cluster& cluster, const Placement& placement) {
    return std::make_unique<MovedMemory>(cluster, placement);
}

}  // namespace ballast
