// SPDX-License-Identifier: Apache-2.0
#include "simulator/observers/energy.hpp"

#include <numeric>
#include <utility>

namespace ballast {

namespace {

constexpr double joules_per_kwh = 3.6e6;

double watts(const HostPower& power, const HostStretch& stretch) {
    switch (stretch.power) {
        case PowerState::on:
            return power.curve.watts((stretch.given_mhz + stretch.overhead_mhz) / stretch.capacity_mhz);
        case PowerState::waking:
        case PowerState::going_to_sleep: return power.boot_watts > 0.0 ? power.boot_watts : power.curve.peak_watts();
        case PowerState::asleep: return power.sleep_watts;
    }
    return 0.0;
}

}  // namespace

EnergyMeter::EnergyMeter(std::shared_ptr<const Inventory> inventory, double migration_joules_per_byte)
    : inventory_(std::move(inventory)),
      migration_joules_per_byte_(migration_joules_per_byte),
      joules_(inventory_->hosts().size()) {}

void EnergyMeter::on_host(const HostStretch& stretch) {
    const std::size_t h = stretch.host.index();
    const auto& power = inventory_->hosts()[h].power;
    if (power) joules_[h] += watts(*power, stretch) * stretch.duration_s;
}

void EnergyMeter::charge(const Migration& migration) {
    for (const HostId host : {migration.from, migration.to}) {
        if (!inventory_->hosts()[host.index()].power) continue;
        joules_[host.index()] += migration.cost.bytes * migration_joules_per_byte_ / 2.0;
    }
}

double EnergyMeter::kwh() const { return std::accumulate(joules_.begin(), joules_.end(), 0.0) / joules_per_kwh; }

}  // namespace ballast
