// SPDX-License-Identifier: Apache-2.0
#include "simulator/result.hpp"

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
            {"wall_s", run.wall_s},
            {"peak_rss_bytes", run.peak_rss_bytes}};
}

}  // namespace

std::string to_json(std::span<const SimulationResult> runs) {
    Json list = Json::array();
    for (const SimulationResult& run : runs) list.push_back(run_to_json(run));
    Json document;
    document["runs"] = std::move(list);
    // Names come from outside: bytes that are not UTF-8 are replaced, not thrown about.
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ballast
