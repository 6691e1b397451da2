// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/grid.hpp"

#include <array>
#include <charconv>
#include <map>

#include "simulator/experiment/digest.hpp"

namespace ballast {

namespace {

constexpr std::size_t cells_max = 1'000'000;

std::string shortest(double value) {
    std::array<char, 32> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), written.ptr};
}

// Saturates: the limit is far below.
std::size_t times(std::size_t a, std::size_t b) { return b != 0 && a > cells_max ? cells_max + 1 : a * b; }

std::size_t size_of(const PolicyGrid& grid) {
    std::size_t size = 1;
    for (const auto& [key, values] : grid.parameters) size = times(size, values.size());
    return size;
}

// Every combination, the last option fastest.
std::vector<std::string> specifications(const PolicyGrid& grid) {
    std::vector<std::string> all = {grid.name};
    char before = ':';
    for (const auto& [key, values] : grid.parameters) {
        std::vector<std::string> longer;
        for (const std::string& start : all) {
            for (const double value : values) longer.push_back(start + before + key + "=" + shortest(value));
        }
        all = std::move(longer);
        before = ',';
    }
    return all;
}

// A newline cannot be part of a policy or a preset, and comes last before the trace's name, which may hold anything.
std::string key_of(const Experiment& experiment, const TraceId& trace, const Cell& cell) {
    return digest("preset " + experiment.preset + "\nworld " + experiment.world + "\npolicy " + cell.policy +
                  "\nseed " + std::to_string(cell.seed) + "\ncontents " + trace.contents + "\ntrace " + trace.name);
}

}  // namespace

std::string Cell::description() const {
    return "policy " + policy + " on trace " + trace + ", seed " + std::to_string(seed);
}

Result<std::vector<Cell>> expand(const Experiment& experiment) {
    std::size_t policies = 0;
    for (const PolicyGrid& grid : experiment.policies) {
        policies += size_of(grid);
        if (policies > cells_max) break;
    }
    const std::size_t size = times(times(policies, experiment.traces.size()), experiment.seeds.size());
    if (size == 0) return fail(ErrorKind::usage, "the experiment is empty: it needs a trace, a policy and a seed");
    if (size > cells_max) {
        return fail(ErrorKind::usage, "the experiment has more than " + std::to_string(cells_max) + " runs; split it");
    }
    std::vector<Cell> cells;
    cells.reserve(size);
    for (const TraceId& trace : experiment.traces) {
        for (const PolicyGrid& grid : experiment.policies) {
            for (const std::string& policy : specifications(grid)) {
                for (const std::uint64_t seed : experiment.seeds) {
                    cells.push_back({"", trace.name, policy, seed});
                    cells.back().key = key_of(experiment, trace, cells.back());
                }
            }
        }
    }
    std::map<std::string_view, const Cell*> by_key;
    for (const Cell& cell : cells) {
        if (!by_key.emplace(cell.key, &cell).second) {
            return fail(ErrorKind::usage, "the experiment has a run twice: " + cell.description());
        }
    }
    return cells;
}

Result<Shard> parse_shard(std::string_view text) {
    Shard shard;
    const char* end = text.data() + text.size();
    const auto number = std::from_chars(text.data(), end, shard.number);
    const bool slash = number.ec == std::errc() && number.ptr != end && *number.ptr == '/';
    const auto count = slash ? std::from_chars(number.ptr + 1, end, shard.count) : number;
    if (!slash || count.ec != std::errc() || count.ptr != end || shard.number < 1 || shard.number > shard.count ||
        shard.count > shards_max) {
        return fail(ErrorKind::usage,
                    "--shard " + std::string(text) + ": give I/N with I from 1 to N, for example 2/8");
    }
    return shard;
}

std::vector<Cell> cells_of(const std::vector<Cell>& cells, const Shard& shard) {
    std::vector<Cell> mine;
    for (std::size_t i = shard.number - 1; i < cells.size(); i += shard.count) mine.push_back(cells[i]);
    return mine;
}

}  // namespace ballast
