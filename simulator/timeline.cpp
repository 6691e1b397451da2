// SPDX-License-Identifier: Apache-2.0
#include "simulator/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"

namespace ballast {

namespace {

constexpr double seconds_per_hour = 3600.0;

std::size_t parts_needed(std::size_t count, std::size_t per_part_max) {
    return std::max<std::size_t>(1, (count + per_part_max - 1) / per_part_max);
}

std::uint8_t percent(double fraction) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(fraction, 0.0, 1.0) * 100.0));
}

}  // namespace

TimelineBuilder::TimelineBuilder(std::vector<std::string> host_names, double interval_s, std::size_t interval_count)
    : host_names_(std::move(host_names)),
      interval_s_(interval_s),
      intervals_per_point_(parts_needed(interval_count, Timeline::points_max)),
      hosts_(host_names_.size()) {
    const std::size_t hosts = host_names_.size();
    timeline_.point_s = interval_s * static_cast<double>(intervals_per_point_);
    timeline_.hosts_per_row = parts_needed(hosts, Timeline::rows_max);
    timeline_.rows = (hosts + timeline_.hosts_per_row - 1) / timeline_.hosts_per_row;
    rows_.resize(timeline_.rows);
    for (std::size_t first = 0; first < hosts; first += timeline_.hosts_per_row) {
        const std::size_t last = std::min(first + timeline_.hosts_per_row, hosts) - 1;
        timeline_.row_names.push_back(last == first ? host_names_[first]
                                                    : host_names_[first] + " … " + host_names_[last]);
    }
}

void TimelineBuilder::add(const TimelineStretch& stretch) {
    BALLAST_CHECK(stretch.host < hosts_.size(), "a stretch is of one of the hosts");
    point_.joules += stretch.power_w * stretch.duration_s;
    if (stretch.on) {
        Row& row = rows_[stretch.host / timeline_.hosts_per_row];
        row.on_s += stretch.duration_s;
        row.utilisation_s += stretch.utilisation * stretch.duration_s;
    }
    if (!stretch.active) return;
    HostTimes& times = hosts_[stretch.host];
    point_.active_s += stretch.duration_s;
    times.active_s += stretch.duration_s;
    if (!stretch.overloaded) return;
    point_.overloaded_s += stretch.duration_s;
    times.overloaded_s += stretch.duration_s;
}

void TimelineBuilder::end_interval(std::size_t hosts_on) {
    point_.hosts_on = static_cast<std::uint32_t>(hosts_on);
    if (++point_.intervals == intervals_per_point_) end_point();
}

void TimelineBuilder::end_point() {
    timeline_.power_w.push_back(point_.joules / (interval_s_ * static_cast<double>(point_.intervals)));
    timeline_.hosts_on.push_back(point_.hosts_on);
    timeline_.migrations.push_back(point_.migrations);
    timeline_.sla_violation.push_back(point_.active_s > 0.0 ? point_.overloaded_s / point_.active_s : 0.0);
    timeline_.contention_vm_hours.push_back(point_.contention_vm_s / seconds_per_hour);
    for (Row& row : rows_) {
        timeline_.host_percent.push_back(row.on_s > 0.0 ? percent(row.utilisation_s / row.on_s) : Timeline::off);
        row = Row{};
    }
    point_ = Point{};
}

WorstHost TimelineBuilder::worst_host() const {
    const auto less = [](const HostTimes& a, const HostTimes& b) { return a.overloaded_s < b.overloaded_s; };
    const auto worst = std::max_element(hosts_.begin(), hosts_.end(), less);  // the first of equals
    if (worst == hosts_.end() || worst->overloaded_s <= 0.0) return {};
    const auto index = static_cast<std::size_t>(worst - hosts_.begin());
    return {host_names_[index], worst->overloaded_s, worst->active_s};
}

Timeline TimelineBuilder::finish() {
    if (point_.intervals > 0) end_point();
    timeline_.worst_host = worst_host();
    return std::move(timeline_);
}

}  // namespace ballast
