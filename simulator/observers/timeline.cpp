// SPDX-License-Identifier: Apache-2.0
#include "simulator/observers/timeline.hpp"

#include <algorithm>
#include <string>

#include "core/resources.hpp"

namespace ballast {

namespace {

std::vector<std::string> names(const Inventory& inventory) {
    std::vector<std::string> names;
    names.reserve(inventory.hosts().size());
    for (const HostSpec& host : inventory.hosts()) names.push_back(host.name);
    return names;
}

}  // namespace

TimelineRecorder::TimelineRecorder(std::shared_ptr<const Inventory> inventory, double interval_s,
                                   std::size_t interval_count, double migration_joules_per_byte)
    : builder_(names(*inventory), interval_s, interval_count),
      energy_(inventory, migration_joules_per_byte),
      on_(inventory->hosts().size(), true) {}

void TimelineRecorder::on_host(const HostStretch& stretch) {
    if (stretch.duration_s <= 0.0) return;
    const double joules_before = energy_.joules(stretch.host);
    energy_.on_host(stretch);
    const bool on = stretch.power == PowerState::on;
    const bool active = on && stretch.asked_mhz > 0.0;  // as SlaMeter has it
    builder_.add({.host = stretch.host.index(),
                  .duration_s = stretch.duration_s,
                  .power_w = (energy_.joules(stretch.host) - joules_before) / stretch.duration_s,
                  .on = on,
                  .utilisation = (stretch.given_mhz + stretch.overhead_mhz) / stretch.capacity_mhz,
                  .active = active,
                  .overloaded = active && !fits(Resource::cpu, stretch.asked_mhz, stretch.usable_mhz)});
    on_[stretch.host.index()] = on;
}

void TimelineRecorder::on_vm(const VmStretch& stretch) {
    if (stretch.host_contended && stretch.asked_mhz > 0.0) builder_.add_contention(stretch.duration_s);
}

void TimelineRecorder::on_interval_end() {
    builder_.end_interval(static_cast<std::size_t>(std::count(on_.begin(), on_.end(), true)));
}

void TimelineRecorder::on_migration_start(const Migration&) { builder_.add_migration(); }

void TimelineRecorder::on_migration_end(const Migration& migration) {
    const auto joules = [&] { return energy_.joules(migration.from) + energy_.joules(migration.to); };
    const double before = joules();
    energy_.on_migration_end(migration);
    builder_.add_energy(joules() - before);
}

void TimelineRecorder::on_power(HostId host, PowerState, PowerState to, double) {
    on_[host.index()] = to == PowerState::on;
}

void TimelineRecorder::on_host_failure(HostId host) { on_[host.index()] = false; }

}  // namespace ballast
