// SPDX-License-Identifier: Apache-2.0
#include "simulator/observers/sla.hpp"

#include <algorithm>

#include "core/resources.hpp"

namespace ballast {

namespace {

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

}  // namespace

void SlaMeter::on_host(const HostStretch& stretch) {
    asked_ += stretch.vm_asked_mhz * stretch.duration_s;
    if (stretch.power != PowerState::on || stretch.asked_mhz <= 0.0) return;
    active_s_ += stretch.duration_s;
    if (fits(Resource::cpu, stretch.asked_mhz, stretch.usable_mhz)) return;
    violated_s_ += stretch.duration_s;
    const std::size_t host = stretch.host.index();
    if (host >= overloaded_s_.size()) overloaded_s_.resize(host + 1);
    overloaded_s_[host] += stretch.duration_s;
}

void SlaMeter::on_vm(const VmStretch& stretch) {
    if (!stretch.host.valid()) asked_ += stretch.asked_mhz * stretch.duration_s;
    const double missed = (stretch.asked_mhz - stretch.given_mhz) * stretch.duration_s;
    if (missed <= 0.0) return;
    double& shortfall = shortfall_[stretch.vm.index()];
    if (shortfall == 0.0) short_.push_back({stretch.vm, stretch.asked_mhz});
    shortfall += missed;
    if (stretch.migrating) missed_migrating_ += missed;
}

void SlaMeter::on_interval_end() {
    for (const Shortfall& vm : short_) {
        double& shortfall = shortfall_[vm.vm.index()];
        const double asked = vm.asked_mhz * interval_s_;
        missed_ += shortfall;
        if (!fits(Resource::cpu, asked, asked - shortfall)) {
            average_sum_ += shortfall / asked;
            ++average_count_;
        }
        shortfall = 0.0;
    }
    short_.clear();
}

HostId SlaMeter::worst_host() const {
    const auto worst = std::max_element(overloaded_s_.begin(), overloaded_s_.end());
    if (worst == overloaded_s_.end() || *worst <= 0.0) return {};
    return HostId(static_cast<std::size_t>(worst - overloaded_s_.begin()));
}

double SlaMeter::overloaded_s(HostId host) const {
    return host.index() < overloaded_s_.size() ? overloaded_s_[host.index()] : 0.0;
}

SlaFigures SlaMeter::figures() const {
    SlaFigures figures;
    figures.slatah = ratio(violated_s_, active_s_);
    figures.pdm = ratio(missed_migrating_, asked_);
    figures.slav = figures.slatah * figures.pdm;
    figures.overall = ratio(missed_, asked_);
    figures.average = ratio(average_sum_, static_cast<double>(average_count_));
    return figures;
}

}  // namespace ballast
