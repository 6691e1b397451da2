// SPDX-License-Identifier: Apache-2.0
#include "metrics/windows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.hpp"

namespace ballast {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double shortest_interval = 0.1;  // of the period
// Clock and counter are not read at the same instant, so a rate may exceed what is possible by a little.
constexpr double reading_slack = 1.1;
constexpr double least_wanted_cpus = 0.5;  // of a guest, when its waiting is judged

bool is_continuation(const CounterReading& last, const CounterReading& now) {
    return last.host == now.host && last.incarnation == now.incarnation;
}

std::optional<double> rate(const CounterReading& last, const CounterReading& now,
                           std::optional<std::uint64_t> GuestCounters::*counter) {
    const auto& from = last.counters.*counter;
    const auto& to = now.counters.*counter;
    if (!from || !to) return std::nullopt;
    return counter_rate(last.at_s, *from, now.at_s, *to);
}

}  // namespace

std::optional<double> counter_rate(double from_s, std::uint64_t from, double to_s, std::uint64_t to) {
    const double elapsed_s = to_s - from_s;
    if (to < from || !(elapsed_s > 0.0)) return std::nullopt;
    const double result = static_cast<double>(to - from) / elapsed_s;
    return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

DemandWindows::DemandWindows(std::size_t samples_max, double period_s)
    : samples_max_(samples_max), period_s_(period_s), sign_intervals_(1) {
    BALLAST_CHECK(samples_max > 0, "a window keeps at least one sample");
    BALLAST_CHECK(period_s > 0.0, "the period is positive");
    sign_intervals_ = static_cast<std::size_t>(std::max(1.0, std::ceil(pressure_window_s / period_s)));
}

DemandWindows::Signs DemandWindows::sample(Window& window, const CounterReading& reading) const {
    const CounterReading& last = *window.last;
    Signs signs;
    signs.swap_bytes_per_s = rate(last, reading, &GuestCounters::swap_bytes);
    if (const auto bytes = rate(last, reading, &GuestCounters::network_bytes)) {
        window.demand.network_bytes_per_s = *bytes;
    }
    if (const auto bytes = rate(last, reading, &GuestCounters::disk_bytes)) window.demand.disk_bytes_per_s = *bytes;

    const auto cpu_ns_per_s = rate(last, reading, &GuestCounters::cpu_ns);
    if (!cpu_ns_per_s) return signs;
    const double cpus = *cpu_ns_per_s / 1e9;
    const double cpus_max = static_cast<double>(reading.host_cpus);
    if (cpus > cpus_max * reading_slack) return signs;
    const auto waited_ns_per_s = rate(last, reading, &GuestCounters::waited_ns);
    const double waited_cpus = waited_ns_per_s.value_or(0.0) / 1e9;
    if (waited_ns_per_s) signs.cpu_wait = waited_cpus / std::max(cpus + waited_cpus, least_wanted_cpus);
    window.demand.used_mhz = std::min(cpus, cpus_max) * reading.mhz_per_cpu;
    window.demand.cpu_mhz = std::min(cpus + waited_cpus, cpus_max) * reading.mhz_per_cpu;
    window.demand.fresh = true;
    window.samples[slot_] = window.demand.cpu_mhz;
    return signs;
}

bool DemandWindows::advance(double now_s, std::span<const CounterReading> readings) {
    if (last_advance_s_ && now_s - *last_advance_s_ < period_s_ * shortest_interval) return false;
    const bool ends_an_interval = last_advance_s_.has_value();
    last_advance_s_ = now_s;
    if (ends_an_interval) {
        slot_ = (slot_ + 1) % samples_max_;
        intervals_ = std::min(intervals_ + 1, samples_max_);
    }
    for (auto& [uuid, window] : windows_) {
        window.samples[slot_] = missing;
        window.demand.fresh = false;
    }

    std::map<std::string, const CounterReading*> now;
    for (const CounterReading& reading : readings) now.emplace(reading.uuid, &reading);
    const Window unknown{
        {}, std::vector<double>(samples_max_, missing), {}, Sustained(sign_intervals_), Sustained(sign_intervals_)};
    for (const auto& [uuid, reading] : now) windows_.try_emplace(uuid, unknown);
    for (auto it = windows_.begin(); it != windows_.end();) {
        Window& window = it->second;
        const auto found = now.find(it->first);
        const bool continues = found != now.end() && window.last && is_continuation(*window.last, *found->second);
        const Signs signs = continues ? sample(window, *found->second) : Signs{};
        window.cpu_wait.add(signs.cpu_wait);
        window.swap_bytes_per_s.add(signs.swap_bytes_per_s);
        window.last = found == now.end() ? std::nullopt : std::optional(*found->second);
        window.missing_in_a_row = window.demand.fresh ? 0 : window.missing_in_a_row + 1;
        const bool forget = !window.last && window.missing_in_a_row > samples_max_;
        it = forget ? windows_.erase(it) : std::next(it);
    }
    return true;
}

GuestDemand DemandWindows::demand(const std::string& uuid) const {
    const auto it = windows_.find(uuid);
    return it == windows_.end() ? GuestDemand{} : it->second.demand;
}

VmPressure DemandWindows::pressure(const std::string& uuid) const {
    const auto it = windows_.find(uuid);
    if (it == windows_.end()) return {};
    return {it->second.cpu_wait.least(), it->second.swap_bytes_per_s.least(), 0.0};
}

History DemandWindows::history(std::span<const std::string> uuids) const {
    History history(uuids.size(), samples_max_, period_s_);
    std::vector<const Window*> columns;
    columns.reserve(uuids.size());
    for (const std::string& uuid : uuids) {
        const auto it = windows_.find(uuid);
        columns.push_back(it == windows_.end() ? nullptr : &it->second);
    }
    std::vector<double> row(uuids.size());
    for (std::size_t age = intervals_; age-- > 0;) {
        const std::size_t slot = (slot_ + samples_max_ - age) % samples_max_;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            row[i] = columns[i] == nullptr ? missing : columns[i]->samples[slot];
        }
        history.push(row);
    }
    return history;
}

}  // namespace ballast
