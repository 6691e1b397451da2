// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/energy_monitor.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "core/check.hpp"
#include "metrics/energy/attribution.hpp"

namespace ballast {

namespace {

SampleFamily family(const char* name, const char* help, SampleKind kind) { return {name, help, kind, {}}; }

void add_total(std::vector<SampleFamily>& families, const char* name, const char* help, double value) {
    families.push_back(family(name, help, SampleKind::counter));
    families.back().samples.push_back({{}, value});
}

}  // namespace

EnergyMonitor::EnergyMonitor(EnergyOptions options, RunForOutput run, Clock& clock)
    : run_(std::move(run)), clock_(clock) {
    adopt(std::move(options));
}

void EnergyMonitor::adopt(EnergyOptions options) {
    options_ = std::move(options);
    poller_ = std::make_unique<WattsPoller>(options_.meters, options_.interval_s, run_, options_.many, clock_);
}

HostDraw EnergyMonitor::draw(const Cluster& cluster, HostId host) {
    const HostSpec& spec = cluster.spec(host);
    std::optional<HostWatts> measured = poller_->fresh(spec.name);
    // RAPL is read through the host's own kernel: of one that sleeps it says nothing.
    const bool is_on = cluster.state(host).power == PowerState::on;
    if (measured && measured->source == WattsSource::rapl && !is_on) measured.reset();
    HostDraw draw;
    if (!spec.power) {
        draw.watts = measured;
        return draw;
    }
    PowerCalibration& calibration = calibrations_.try_emplace(spec.name, spec.power->curve).first->second;
    if (calibration.table() != spec.power->curve) calibration = PowerCalibration(spec.power->curve);
    if (measured && is_on && cluster.state(host).reachable) {
        calibration.measured(cluster.cpu_utilisation(host), measured->watts);
    }
    const std::optional<PowerFit> fit = calibration.fit();
    draw.idle_watts = (fit ? fit->curve : spec.power->curve).idle_watts();
    draw.idle_error_watts = fit ? fit->rms_error_watts : table_error_ratio * *draw.idle_watts;
    draw.watts = host_watts(cluster, host, measured, fit ? std::optional(fit->curve) : std::nullopt);
    return draw;
}

void EnergyMonitor::look(const Snapshot& snapshot) {
    draws_.clear();
    for (std::size_t h = 0; h < snapshot.cluster.host_count(); ++h) draws_.push_back(draw(snapshot.cluster, HostId(h)));
    account_.look(clock_.monotonic_s(), snapshot.cluster, draws_);
}

std::vector<SampleFamily> EnergyMonitor::families(const Snapshot& snapshot, bool per_vm) const {
    BALLAST_CHECK(draws_.size() == snapshot.cluster.host_count(), "the families are those of the last look");
    std::vector<SampleFamily> families;
    add_host_families(snapshot.cluster, families);
    add_totals(families);
    add_factors(families);
    if (per_vm) add_vms(snapshot.cluster, families);
    return families;
}

void EnergyMonitor::add_host_families(const Cluster& cluster, std::vector<SampleFamily>& families) const {
    SampleFamily watts = family("ballast_host_power_watts", "Power drawn by the host; how that is known is the source.",
                                SampleKind::gauge);
    SampleFamily idle =
        family("ballast_host_power_idle_watts", "What the host would draw awake and idle.", SampleKind::gauge);
    SampleFamily error = family("ballast_host_power_fit_error_watts",
                                "Root mean square of measured minus fitted power, of hosts whose table is calibrated.",
                                SampleKind::gauge);
    SampleFamily meter = family("ballast_host_power_meter_up",
                                "1 if the host's power is measured, 0 if its meters fail.", SampleKind::gauge);
    SampleFamily joules = family("ballast_host_energy_joules_total", "Energy drawn by the host while ballast watched.",
                                 SampleKind::counter);
    for (std::size_t h = 0; h < draws_.size(); ++h) {
        const std::string& host = cluster.spec(HostId(h)).name;
        const HostDraw& draw = draws_[h];
        if (draw.watts) {
            watts.samples.push_back(
                {{{"host", host}, {"source", std::string(name(draw.watts->source))}}, draw.watts->watts});
        }
        if (draw.idle_watts) idle.samples.push_back({{{"host", host}}, *draw.idle_watts});
        if (const auto calibration = calibrations_.find(host); calibration != calibrations_.end()) {
            const std::optional<PowerFit> fit = calibration->second.fit();
            if (fit) error.samples.push_back({{{"host", host}}, fit->rms_error_watts});
        }
        if (poller_->measures(host)) {
            meter.samples.push_back({{{"host", host}}, poller_->fresh(host) ? 1.0 : 0.0});
        }
        const auto drawn = account_.totals().joules.find(host);
        if (drawn == account_.totals().joules.end()) continue;
        for (const auto& [source, sum] : drawn->second) {
            joules.samples.push_back({{{"host", host}, {"source", std::string(name(source))}}, sum});
        }
    }
    for (SampleFamily* each : {&watts, &idle, &error, &meter, &joules}) families.push_back(std::move(*each));
}

void EnergyMonitor::add_totals(std::vector<SampleFamily>& families) const {
    const EnergyTotals& totals = account_.totals();
    add_total(families, "ballast_energy_avoided_joules_total",
              "Not drawn because hosts slept, against the same hosts awake and idle.", totals.avoided_joules);
    add_total(families, "ballast_energy_avoided_at_least_joules_total",
              "The same with the idle power lowered by its uncertainty.", totals.avoided_at_least_joules);
    families.push_back(family("ballast_energy_spent_joules_total",
                              "Drawn for the saving: by hosts falling asleep and booting, and by migrations.",
                              SampleKind::counter));
    families.back().samples = {{{{"cause", "switching"}}, totals.switching_joules},
                               {{{"cause", "migrations"}}, totals.migration_joules}};
    add_total(families, "ballast_energy_gap_seconds_total",
              "Time between looks too far apart for the energy between them to be counted.", totals.gap_s);
}

void EnergyMonitor::add_factors(std::vector<SampleFamily>& families) const {
    const EnergyFactors& factors = options_.factors;
    if (factors.price_per_kwh > 0.0) {
        families.push_back(
            family("ballast_energy_price_per_kwh", "Configured price of a kilowatt-hour.", SampleKind::gauge));
        families.back().samples = {{{{"currency", factors.currency}}, factors.price_per_kwh}};
    }
    if (factors.co2e_grams_per_kwh > 0.0) {
        families.push_back(family("ballast_energy_co2e_grams_per_kwh",
                                  "Configured emissions of a kilowatt-hour, as carbon dioxide equivalent.",
                                  SampleKind::gauge));
        families.back().samples = {{{}, factors.co2e_grams_per_kwh}};
    }
}

void EnergyMonitor::add_vms(const Cluster& cluster, std::vector<SampleFamily>& families) const {
    SampleFamily shares =
        family("ballast_vm_power_watts", "The VM's share of its host's power: idle by memory, the rest by CPU in use.",
               SampleKind::gauge);
    for (std::size_t h = 0; h < draws_.size(); ++h) {
        if (!draws_[h].watts) continue;
        const double watts = draws_[h].watts->watts;
        for (const VmWatts& vm : attribute_watts(cluster, HostId(h), watts, draws_[h].idle_watts.value_or(watts)).vms) {
            shares.samples.push_back(
                {{{"vm", cluster.spec(vm.vm).name}, {"host", cluster.spec(HostId(h)).name}}, vm.watts});
        }
    }
    families.push_back(std::move(shares));
}

}  // namespace ballast
