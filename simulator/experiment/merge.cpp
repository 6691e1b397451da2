// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/merge.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <sstream>

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& document) {
    // Names come from outside: bytes that are not UTF-8 are replaced, not thrown about.
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const Estimate& estimate) {
    Json half_width = nullptr;
    if (estimate.half_width) half_width = *estimate.half_width;
    return {{"mean", estimate.mean}, {"ci95_half_width", half_width}};
}

// The figures of a group's runs, one list per figure.
struct Samples {
    std::vector<double> energy_kwh, migrations, slav, downtime_s;

    void add(const RunRecord& run) {
        energy_kwh.push_back(run.energy_kwh);
        migrations.push_back(run.migrations);
        slav.push_back(run.slav);
        downtime_s.push_back(run.downtime_s);
    }
};

void mark_fronts(std::vector<SweepGroup>& groups) {
    std::map<std::string, std::vector<std::size_t>> by_trace;
    for (std::size_t g = 0; g < groups.size(); ++g) by_trace[groups[g].trace].push_back(g);
    for (const auto& [trace, members] : by_trace) {
        std::vector<std::pair<double, double>> points;
        for (const std::size_t g : members) points.emplace_back(groups[g].energy_kwh.mean, groups[g].slav.mean);
        const std::vector<bool> front = pareto_front(points);
        for (std::size_t i = 0; i < members.size(); ++i) groups[members[i]].on_front = front[i];
    }
}

}  // namespace

Result<std::vector<RunRecord>> read_runs(const std::string& folder) {
    const Result<std::vector<std::string>> files = result_files(folder);
    if (!files) return tl::unexpected(files.error());
    std::vector<RunRecord> runs;
    for (const std::string& file : *files) {
        std::ifstream stream(file, std::ios::binary);
        std::ostringstream text;
        if (stream && stream.peek() != std::ifstream::traits_type::eof()) text << stream.rdbuf();
        if (!stream.is_open() || stream.bad()) return fail(ErrorKind::usage, file + ": the file cannot be read");
        Result<ParsedResults> results = parse_results(text.str(), file);
        if (!results) return tl::unexpected(results.error());
        runs.insert(runs.end(), results->runs.begin(), results->runs.end());
    }
    return runs;
}

Result<Merged> merge(const Manifest& manifest, std::span<const RunRecord> runs) {
    std::map<std::string, const RunRecord*> by_key;
    for (const RunRecord& run : runs) {
        const auto [other, is_new] = by_key.emplace(run.key, &run);
        if (!is_new) {
            return fail(ErrorKind::usage, run.place() + ": the run " + run.key + " has a result already in " +
                                              other->second->place() + "; remove one of the two lines");
        }
    }
    Merged merged{manifest.name, manifest.preset, {}, {}};
    std::vector<Samples> samples;
    std::map<std::pair<std::string, std::string>, std::size_t> group_of;
    for (const Cell& cell : manifest.cells) {
        const auto run = by_key.find(cell.key);
        if (run == by_key.end()) {
            merged.missing.push_back(cell);
            continue;
        }
        const auto [group, is_new] = group_of.try_emplace({cell.trace, cell.policy}, merged.groups.size());
        if (is_new) {
            merged.groups.push_back({cell.trace, cell.policy, {}, {}, {}, {}, false});
            samples.emplace_back();
        }
        samples[group->second].add(*run->second);
        by_key.erase(run);
    }
    if (!by_key.empty()) {
        const RunRecord& stray = *by_key.begin()->second;
        return fail(ErrorKind::usage, stray.place() + ": the run " + stray.key + " is not part of this experiment");
    }
    for (std::size_t g = 0; g < samples.size(); ++g) {
        merged.groups[g].energy_kwh = estimate(samples[g].energy_kwh);
        merged.groups[g].migrations = estimate(samples[g].migrations);
        merged.groups[g].slav = estimate(samples[g].slav);
        merged.groups[g].downtime_s = estimate(samples[g].downtime_s);
    }
    mark_fronts(merged.groups);
    return merged;
}

std::vector<bool> pareto_front(std::span<const std::pair<double, double>> points) {
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return points[a] != points[b] ? points[a] < points[b] : a < b; });
    std::vector<bool> front(points.size(), false);
    // From left to right a point is on the front if it lies lower than all before it, or equals the one that did.
    std::optional<std::pair<double, double>> lowest;
    for (const std::size_t i : order) {
        if (lowest && points[i].second >= lowest->second && points[i] != *lowest) continue;
        front[i] = true;
        lowest = points[i];
    }
    return front;
}

std::string to_json(const Merged& merged) {
    Json groups = Json::array();
    for (const SweepGroup& group : merged.groups) {
        groups.push_back({{"trace", group.trace},
                          {"policy", group.policy},
                          {"runs", group.energy_kwh.count},
                          {"energy_kwh", to_json(group.energy_kwh)},
                          {"migrations", to_json(group.migrations)},
                          {"slav", to_json(group.slav)},
                          {"downtime_s", to_json(group.downtime_s)},
                          {"on_front", group.on_front}});
    }
    Json missing = Json::array();
    for (const Cell& cell : merged.missing) {
        missing.push_back({{"key", cell.key}, {"trace", cell.trace}, {"policy", cell.policy}, {"seed", cell.seed}});
    }
    return dump({{"experiment", merged.name},
                 {"preset", merged.preset},
                 {"groups", std::move(groups)},
                 {"missing", std::move(missing)}});
}

}  // namespace ballast
