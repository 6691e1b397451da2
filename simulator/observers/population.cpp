// SPDX-License-Identifier: Apache-2.0
#include "simulator/observers/population.hpp"

namespace ballast {

void PopulationCounter::on_vm_change(VmId vm, VmChange change, double now_s) {
    switch (change) {
        case VmChange::waits:
            ++sums_.arrivals;
            ++sums_.waited;
            open_[vm] = Since{now_s, false};
            return;
        case VmChange::starts: {
            const auto it = open_.find(vm);
            if (it == open_.end()) {
                ++sums_.arrivals;
            } else if (it->second.down) {
                ++sums_.restarts;
            }
            close(vm, now_s);
            return;
        }
        case VmChange::ends:
            ++sums_.departures;
            close(vm, now_s);
            return;
        case VmChange::lost: open_[vm] = Since{now_s, true}; return;
    }
}

void PopulationCounter::close(VmId vm, double now_s) {
    const auto it = open_.find(vm);
    if (it == open_.end()) return;
    (it->second.down ? sums_.failure_downtime_s : sums_.waiting_s) += now_s - it->second.time_s;
    open_.erase(it);
}

PopulationCounter::Figures PopulationCounter::figures(double now_s) const {
    Figures figures = sums_;
    for (const auto& [vm, since] : open_) {
        (since.down ? figures.failure_downtime_s : figures.waiting_s) += now_s - since.time_s;
    }
    return figures;
}

}  // namespace ballast
