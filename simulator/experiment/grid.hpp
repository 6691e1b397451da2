// SPDX-License-Identifier: Apache-2.0
// An experiment is a grid: traces x policies x values of their options x seeds. A cell of the grid is one run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace ballast {

// A policy with every combination of the listed values of its options; without options, just the policy.
struct PolicyGrid {
    std::string name;
    std::vector<std::pair<std::string, std::vector<double>>> parameters;
};

// A recording as the experiment calls it, and the digest of its contents.
struct TraceId {
    std::string name;
    std::string contents;
};

struct Experiment {
    std::string name;
    std::string preset = "default";
    std::string world;  // what else decides on the world: a digest of the files that describe it
    std::vector<TraceId> traces;
    std::vector<PolicyGrid> policies;
    std::vector<std::uint64_t> seeds;
};

struct Cell {
    std::string key;  // 16 hexadecimal digits
    std::string trace;
    std::string policy;  // "NAME" or "NAME:key=value,key=value"
    std::uint64_t seed = 0;

    [[nodiscard]] std::string description() const;  // "policy P on trace T, seed S", for messages
};

// All cells: traces, then policies, then option values (the last option changes fastest), then seeds. The key depends
// on the cell, the trace's contents and the world only, not on its place in the grid. Errors: usage, for an empty grid,
// a grid of more than 1,000,000 cells, and a cell that is there twice.
[[nodiscard]] Result<std::vector<Cell>> expand(const Experiment& experiment);

inline constexpr std::size_t shards_max = 1'000'000;

// Shard i of n, i from 1: the cells whose index modulo n is i - 1.
struct Shard {
    std::size_t number = 1;
    std::size_t count = 1;
};
// "2/8", up to shards_max. Errors: usage.
[[nodiscard]] Result<Shard> parse_shard(std::string_view text);
[[nodiscard]] std::vector<Cell> cells_of(const std::vector<Cell>& cells, const Shard& shard);

}  // namespace ballast
