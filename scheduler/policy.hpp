// SPDX-License-Identifier: Apache-2.0
// A policy is a pure function: what is known now -> what should be. No I/O, no clock, no randomness but `rng`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "core/models/migration_model.hpp"
#include "core/proposal.hpp"
#include "core/random.hpp"
#include "core/result.hpp"

namespace ballast {

struct PolicyInput {
    const Cluster& cluster;
    const History& history;                 // one column per VM of the cluster
    const MigrationModel& migration_model;  // what the policy believes a migration costs
};

class Policy {
  public:
    virtual ~Policy() = default;
    // The canonical specification, e.g. "spread:enter=0.8,exit=0.65": name and every option, in a fixed order.
    [[nodiscard]] virtual std::string specification() const = 0;
    // Deterministic: the same input and the same rng state give the same proposal. Thread-safe.
    [[nodiscard]] virtual Proposal propose(const PolicyInput& input, Rng& rng) const = 0;
};

struct PolicyOptionHelp {
    std::string_view key;
    std::string_view unit;  // "fraction", "s", "count" …
    double default_value;
    double min;
    double max;
    std::string_view help;
};

struct PolicyHelp {
    std::string_view name;
    std::string_view help;
    std::span<const PolicyOptionHelp> options;
};

// The table of all policies, sorted by name. It is the only place a policy is registered.
[[nodiscard]] std::span<const PolicyHelp> policy_catalogue();

// Whether "NAME" or "NAME:…" names a policy of the table.
[[nodiscard]] bool is_registered(std::string_view specification);

// Makes a policy from "NAME" or "NAME:key=value,key=value". Unknown names and keys, numbers that are none or out of
// range are usage errors that list what is possible.
[[nodiscard]] Result<std::unique_ptr<Policy>> make_policy(std::string_view specification);

}  // namespace ballast
