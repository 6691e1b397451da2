// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ballast::cloudsim {

namespace {
constexpr std::size_t spread_samples_min = 12;  // iqr and mad
constexpr double decision_period_s = 300.0;
constexpr double estimate_margin = 1e-9;  // far above the rounding of sums of some hundred terms near 1

std::size_t length_without_zero_tail(std::span<const double> history) {
    std::size_t length = history.size();
    while (length > 0 && history[length - 1] == 0.0) --length;
    return length;
}
}  // namespace

OverloadDetector::OverloadDetector(const Datacenter& datacenter, const FamilyPolicy& policy)
    : dc_(datacenter),
      policy_(policy),
      vm_forecast_(datacenter.vm_count()),
      vm_length_(datacenter.vm_count()),
      gathered_(datacenter.host_count()),
      histories_(datacenter.host_count() * datacenter.options.history_samples),
      host_history_(datacenter.options.history_samples) {
    // The forecast looks ceil(migration time / period) steps ahead; the estimate holds where that is one.
    double slowest_s = 0.0;
    for (const HostType& host : dc_.options.host_types) {
        for (const VmType& vm : dc_.options.vm_types) {
            slowest_s = std::max(slowest_s, migration_seconds(vm.memory_mb, host));
        }
    }
    estimates_ =
        policy_.detector >= Detector::lr && dc_.options.quirks.regression_unweighted && slowest_s <= decision_period_s;
}

void OverloadDetector::new_moment() {
    std::fill(gathered_.begin(), gathered_.end(), Gathered{});
    if (!estimates_) return;
    static const RegressionWeights factors = forecast_factors(static_cast<double>(regression_samples) + 1.0);
    for (const VmIndex vm : dc_.alive) {
        const std::span<const double> history = dc_.history_of(vm);
        double forecast = 0.0;
        for (std::size_t i = 0; i < regression_samples; ++i) {
            forecast += factors[i] * history[regression_samples - 1 - i];
        }
        vm_forecast_[vm] = forecast * dc_.mips[vm];
        vm_length_[vm] = static_cast<std::uint8_t>(length_without_zero_tail(history));
    }
}

void OverloadDetector::add(VmIndex vm, Estimate& estimate) const {
    estimate.forecast_mips += vm_forecast_[vm];
    estimate.samples = std::max(estimate.samples, vm_length_[vm]);
}

std::optional<bool> OverloadDetector::from_estimate(HostIndex host, const Estimate& estimate) const {
    if (!estimates_ || estimate.samples < regression_samples) return std::nullopt;
    const double value = estimate.forecast_mips / dc_.total_mips[host] * policy_.parameter;
    if (std::abs(value - 1.0) < estimate_margin) return std::nullopt;
    return value > 1.0;
}

bool OverloadDetector::overloaded(HostIndex host, std::span<const VmIndex> members, double requested_mips,
                                  const Estimate& estimate) {
    if (const std::optional<bool> answer = from_estimate(host, estimate)) return *answer;
    if (policy_.detector != Detector::thr) gather(host, members);
    return exact(host, requested_mips);
}

bool OverloadDetector::overloaded_with(HostIndex host, std::span<const VmIndex> members, double requested_mips,
                                       Estimate estimate, VmIndex candidate) {
    add(candidate, estimate);
    if (const std::optional<bool> answer = from_estimate(host, estimate)) return *answer;
    if (policy_.detector != Detector::thr) {
        gather(host, members);
        add_history(candidate, host, host_history_);
        memory_mb_ = std::max(memory_mb_, dc_.memory_mb[candidate]);
    }
    return exact(host, requested_mips + dc_.request_mips[candidate]);
}

bool OverloadDetector::exact(HostIndex host, double requested_mips) {
    const double utilisation = requested_mips / dc_.total_mips[host];
    if (policy_.detector == Detector::thr) return utilisation > policy_.parameter;
    if (policy_.detector >= Detector::lr) return by_regression(host, utilisation);
    const std::size_t length = trimmed_length();
    if (length < spread_samples_min) return utilisation > dc_.options.fallback_threshold;
    scratch_.assign(host_history_.begin(), host_history_.begin() + static_cast<std::ptrdiff_t>(length));
    const double spread =
        policy_.detector == Detector::iqr ? interquartile_range(scratch_) : median_absolute_deviation(scratch_);
    return utilisation > 1.0 - policy_.parameter * spread;
}

bool OverloadDetector::by_regression(HostIndex host, double utilisation) {
    if (trimmed_length() < regression_samples) return utilisation > dc_.options.fallback_threshold;
    std::array<double, regression_samples> oldest_first{};
    for (std::size_t i = 0; i < regression_samples; ++i) oldest_first[i] = host_history_[regression_samples - 1 - i];
    const double migration_s = migration_seconds(memory_mb_, dc_.type(host));
    const double x = static_cast<double>(regression_samples) + std::ceil(migration_s / decision_period_s);
    const double forecast = dc_.options.quirks.regression_unweighted
                                ? regression_forecast(oldest_first, x)
                                : weighted_forecast(oldest_first, x, policy_.detector == Detector::lrr);
    return forecast * policy_.parameter >= 1.0;
}

// In the order of the members, whenever they came: the same sums as all at once.
void OverloadDetector::gather(HostIndex host, std::span<const VmIndex> members) {
    Gathered& kept = gathered_[host];
    const std::size_t samples = host_history_.size();
    const std::span<double> history = std::span(histories_).subspan(host * samples, samples);
    if (kept.members == 0) std::fill(history.begin(), history.end(), 0.0);
    for (; kept.members < members.size(); ++kept.members) {
        const VmIndex vm = members[kept.members];
        add_history(vm, host, history);
        kept.memory_mb = std::max(kept.memory_mb, dc_.memory_mb[vm]);
    }
    std::copy(history.begin(), history.end(), host_history_.begin());
    memory_mb_ = kept.memory_mb;
}

void OverloadDetector::add_history(VmIndex vm, HostIndex host, std::span<double> history) const {
    const std::span<const double> use = dc_.history_of(vm);
    const double mips = dc_.mips[vm];
    const double total = dc_.total_mips[host];
    for (std::size_t i = 0; i < history.size(); ++i) history[i] += use[i] * mips / total;
}

std::size_t OverloadDetector::trimmed_length() const { return length_without_zero_tail(host_history_); }

}  // namespace ballast::cloudsim
