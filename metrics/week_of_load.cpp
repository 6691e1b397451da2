// SPDX-License-Identifier: Apache-2.0
#include "metrics/week_of_load.hpp"

#include <cmath>
#include <limits>

namespace ballast {

namespace {

constexpr double hour_s = 3600.0;
constexpr std::int64_t hours_per_day = 24;
constexpr std::int64_t days_per_week = 7;
constexpr double newest_week = 0.4;   // weight of the newest of a series
constexpr double newest_error = 0.1;  // likewise
constexpr double own_day = 0.75;      // weight of the same day of the week against the other days

}  // namespace

void WeekOfLoad::add(double unix_time_s, double mhz) {
    const auto hour = static_cast<std::int64_t>(std::floor(unix_time_s / hour_s));
    if (hour != memory_.hour) {
        if (memory_.samples > 0.0) close_hour();
        memory_.hour = hour;
        memory_.sum_mhz = memory_.samples = 0.0;
    }
    memory_.sum_mhz += mhz;
    memory_.samples += 1.0;
}

void WeekOfLoad::close_hour() {
    const double mean = memory_.sum_mhz / memory_.samples;
    if (const std::optional<double> expected = expected_of_hour(memory_.hour)) {
        const double error = std::abs(mean - *expected);
        memory_.deviation_mhz = static_cast<float>(
            memory_.judged ? memory_.deviation_mhz + newest_error * (error - memory_.deviation_mhz) : error);
        memory_.judged = true;
    }
    if (memory_.last_hour >= 0) fold_in(memory_.last_hour, memory_.last_mean_mhz);
    memory_.last_hour = memory_.hour;
    memory_.last_mean_mhz = mean;
}

void WeekOfLoad::fold_in(std::int64_t hour, double mean_mhz) {
    if (memory_.mean_mhz.empty()) memory_.mean_mhz.assign(hours, std::numeric_limits<float>::quiet_NaN());
    float& slot = memory_.mean_mhz[static_cast<std::size_t>(hour) % hours];
    slot = static_cast<float>(std::isnan(slot) ? mean_mhz : slot + newest_week * (mean_mhz - slot));
}

std::optional<double> WeekOfLoad::expected_of_hour(std::int64_t hour) const {
    if (memory_.mean_mhz.empty() || hour < 0) return std::nullopt;
    const double own = memory_.mean_mhz[static_cast<std::size_t>(hour) % hours];
    double sum = 0.0;
    double days = 0.0;
    for (std::int64_t day = 1; day < days_per_week; ++day) {
        const double other = memory_.mean_mhz[static_cast<std::size_t>(hour + day * hours_per_day) % hours];
        if (std::isnan(other)) continue;
        sum += other;
        days += 1.0;
    }
    if (days == 0.0) return std::isnan(own) ? std::nullopt : std::optional(own);
    return std::isnan(own) ? sum / days : own_day * own + (1.0 - own_day) * sum / days;
}

std::optional<double> WeekOfLoad::expected_mhz(double unix_time_s) const {
    const double position = unix_time_s / hour_s - 0.5;  // 0 = the middle of the first hour
    const auto before = static_cast<std::int64_t>(std::floor(position));
    const std::optional<double> from = expected_of_hour(before);
    const std::optional<double> to = expected_of_hour(before + 1);
    if (!from || !to) return std::nullopt;
    return *from + (position - static_cast<double>(before)) * (*to - *from);
}

}  // namespace ballast
