// SPDX-License-Identifier: Apache-2.0
#include "simulator/observers/sla.hpp"

#include "core/resources.hpp"

namespace ballast {

namespace {

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

}  // namespace

void SlaMeter::on_host(const HostStretch& stretch) {
    if (stretch.power != PowerState::on || stretch.asked_mhz <= 0.0) return;
    active_s_ += stretch.duration_s;
    if (!fits(Resource::cpu, stretch.asked_mhz, stretch.usable_mhz)) violated_s_ += stretch.duration_s;
}

void SlaMeter::on_vm(const VmStretch& stretch) {
    VmSums& sums = vms_[stretch.vm.index()];
    sums.interval_asked += stretch.asked_mhz * stretch.duration_s;
    sums.interval_given += stretch.given_mhz * stretch.duration_s;
    if (stretch.migrating) {
        sums.migration_shortfall += (stretch.asked_mhz - stretch.given_mhz) * stretch.duration_s;
    }
}

void SlaMeter::on_interval_end() {
    for (VmSums& sums : vms_) {
        if (!fits(Resource::cpu, sums.interval_asked, sums.interval_given)) {
            shortfall_sum_ += (sums.interval_asked - sums.interval_given) / sums.interval_asked;
            ++shortfall_count_;
        }
        sums.asked += sums.interval_asked;
        sums.given += sums.interval_given;
        sums.interval_asked = 0.0;
        sums.interval_given = 0.0;
    }
}

SlaFigures SlaMeter::figures() const {
    double asked = 0.0;
    double given = 0.0;
    double migration_shortfall = 0.0;
    for (const VmSums& sums : vms_) {
        asked += sums.asked;
        given += sums.given;
        migration_shortfall += sums.migration_shortfall;
    }
    SlaFigures figures;
    figures.slatah = ratio(violated_s_, active_s_);
    figures.pdm = ratio(migration_shortfall, asked);
    figures.slav = figures.slatah * figures.pdm;
    figures.overall = ratio(asked - given, asked);
    figures.average = ratio(shortfall_sum_, static_cast<double>(shortfall_count_));
    return figures;
}

}  // namespace ballast
