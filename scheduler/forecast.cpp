// SPDX-License-Identifier: Apache-2.0
#include "scheduler/forecast.hpp"

#include <algorithm>
#include <cmath>

namespace ballast {

namespace {
constexpr double sigma_of_mean_error = 1.25;  // sqrt(pi / 2), of a normal distribution
}

Forecast::Forecast(const Cluster& cluster, const History& history, double margin) {
    const Outlook* const outlook = history.outlook();
    if (outlook == nullptr) return;
    double variance = 0.0;
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        for (std::size_t step = 1; step < Outlook::steps; ++step) rise_mhz_[step] += outlook->rise_mhz(VmId(v), step);
        const double sigma = sigma_of_mean_error * static_cast<double>(outlook->deviation_mhz[v]);
        variance += sigma * sigma;
    }
    for (std::size_t step = 1; step < Outlook::steps; ++step) {
        rise_mhz_[step] = std::max(rise_mhz_[step - 1], rise_mhz_[step]);
    }
    reserve_mhz_ = margin * std::sqrt(variance);
}

double Forecast::rise_mhz(double within_s) const {
    const double step = std::clamp(std::ceil(within_s / Outlook::step_s), 0.0, static_cast<double>(Outlook::steps - 1));
    const double rise = rise_mhz_[static_cast<std::size_t>(step)];
    return rise + std::min(rise, reserve_mhz_);
}

}  // namespace ballast
