// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/rapl.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace ballast {

namespace {

constexpr double microjoules_per_joule = 1e6;

std::optional<std::string> first_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    return line;
}

std::optional<double> joules(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::uint64_t microjoules = 0;
    if (!(in >> microjoules)) return std::nullopt;
    return static_cast<double>(microjoules) / microjoules_per_joule;
}

bool counts(std::string_view zone) { return zone.starts_with("package") || zone == "dram" || zone == "psys"; }

}  // namespace

Result<RaplMeter::Counters> RaplMeter::read() const {
    std::error_code error;
    Counters counters;
    Counters platform;
    for (std::filesystem::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
        const std::optional<std::string> zone = first_line(entry->path() / "name");
        if (!zone || !counts(*zone)) continue;
        const std::optional<double> now = joules(entry->path() / "energy_uj");
        if (!now) return fail(ErrorKind::failed, entry->path().string() + "/energy_uj: cannot be read");
        const double range = joules(entry->path() / "max_energy_range_uj").value_or(0.0);
        (*zone == "psys" ? platform : counters)[entry->path().filename().string()] = {*now, range};
    }
    if (error) return fail(ErrorKind::failed, path_ + ": " + error.message());
    if (!platform.empty()) return platform;
    if (counters.empty()) return fail(ErrorKind::failed, path_ + ": there is no RAPL package, memory or platform zone");
    return counters;
}

Result<std::optional<double>> RaplMeter::watts(double monotonic_s) {
    Result<Counters> now = read();
    if (!now) return tl::unexpected(now.error());
    const double seconds = monotonic_s - last_s_;
    const auto same_zone = [](const auto& a, const auto& b) { return a.first == b.first; };
    const bool comparable =
        seconds > 0.0 && std::equal(now->begin(), now->end(), last_.begin(), last_.end(), same_zone);
    std::optional<double> watts;
    if (comparable) {
        double sum = 0.0;
        for (const auto& [zone, counter] : *now) {
            const double before = last_.find(zone)->second.joules;
            sum += counter.joules - before + (counter.joules < before ? counter.range_joules : 0.0);
        }
        watts = std::max(sum, 0.0) / seconds;
    }
    last_ = std::move(*now);
    last_s_ = monotonic_s;
    return watts;
}

}  // namespace ballast
