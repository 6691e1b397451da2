// SPDX-License-Identifier: Apache-2.0
#include "simulator/result.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

Json option_value(const std::string& text) {
    double number = 0.0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end && std::isfinite(number)) return number;
    return text;
}

// What CloudSim prints beyond the common figures; a mean of nothing is null.
Json cloudsim_to_json(const cloudsim::Figures& figures) {
    return {{"vms_left", figures.vms_left},
            {"mean_time_before_shutdown_s", figures.mean_time_before_shutdown_s},
            {"stdev_time_before_shutdown_s", figures.stdev_time_before_shutdown_s},
            {"mean_migration_s", figures.mean_migration_s},
            {"stdev_migration_s", figures.stdev_migration_s}};
}

Json run_to_json(const SimulationResult& run) {
    Json options = Json::object();
    for (const auto& [key, value] : run.options) options[key] = option_value(value);
    return {{"trace", run.trace},
            {"policy", run.policy},
            {"options", std::move(options)},
            {"seed", run.seed},
            {"hosts", run.hosts},
            {"vms", run.vms},
            {"intervals", run.intervals},
            {"energy_kwh", run.energy_kwh},
            {"migrations", run.migrations},
            {"sla",
             {{"slatah", run.sla.slatah},
              {"pdm", run.sla.pdm},
              {"slav", run.sla.slav},
              {"esv", run.esv()},
              {"overall", run.sla.overall},
              {"average", run.sla.average}}},
            {"host_shutdowns", run.host_shutdowns},
            {"host_starts", run.host_starts},
            {"migration_bytes", run.migration_bytes},
            {"downtime_s", run.downtime_s},
            {"contention_vm_hours", run.contention_vm_hours},
            {"worst_host", run.worst_host.empty() ? Json(nullptr) : Json(run.worst_host)},
            {"worst_host_overloaded_s", run.worst_host_overloaded_s},
            {"cpu_ready_s", run.cpu_ready_s},
            {"cpu_ready_vm_max_s", run.cpu_ready_vm_max_s},
            {"migration_s", run.migration_s},
            {"migrations_aborted", run.migrations_aborted},
            {"migrations_back", run.migrations_back},
            {"vm_arrivals", run.vm_arrivals},
            {"vm_departures", run.vm_departures},
            {"vms_waited", run.vms_waited},
            {"vm_waiting_s", run.vm_waiting_s},
            {"host_failures", run.host_failures},
            {"vm_restarts", run.vm_restarts},
            {"failure_downtime_s", run.failure_downtime_s},
            {"network_contention_vm_hours", run.network_contention_vm_hours},
            {"network_lost_bytes", run.network_lost_bytes},
            {"disk_contention_vm_hours", run.disk_contention_vm_hours},
            {"disk_lost_bytes", run.disk_lost_bytes},
            {"wall_s", run.wall_s},
            {"peak_rss_bytes", run.peak_rss_bytes}};
}

}  // namespace

void name_policy(std::string_view specification, SimulationResult& result) {
    const std::size_t colon = std::min(specification.find(':'), specification.size());
    result.policy = specification.substr(0, colon);
    std::string_view rest = specification.substr(std::min(colon + 1, specification.size()));
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        const std::size_t equals = std::min(item.find('='), item.size());
        const std::size_t value = std::min(equals + 1, item.size());
        result.options.emplace_back(item.substr(0, equals), item.substr(value));
    }
}

std::uint64_t peak_rss_bytes() {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

std::string to_json(std::span<const SimulationResult> runs) {
    Json list = Json::array();
    for (const SimulationResult& run : runs) {
        list.push_back(run_to_json(run));
        if (run.cloudsim) list.back()["cloudsim"] = cloudsim_to_json(*run.cloudsim);
    }
    Json document;
    document["runs"] = std::move(list);
    // Names come from outside: bytes that are not UTF-8 are replaced, not thrown about.
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ballast
