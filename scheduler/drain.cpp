// SPDX-License-Identifier: Apache-2.0
#include "scheduler/drain.hpp"

#include <array>
#include <utility>
#include <vector>

#include "scheduler/draft.hpp"
#include "scheduler/policy_options.hpp"
#include "scheduler/relief.hpp"

namespace ballast {

namespace {

enum Option : std::size_t { fill, memory, moves };

constexpr std::array<PolicyOptionHelp, 3> option_table = {{
    {"fill", "fraction", 0.90, 0.05, 1.0,
     "destinations use at most this share of their usable CPU, network and disk I/O"},
    {"memory", "fraction", 1.0, 0.05, 1.0, "the same for configured memory"},
    {"moves", "count", 1000.0, 1.0, 100000.0, "VMs moved by one decision at most"},
}};

constexpr PolicyHelp help{"drain", "empties hosts in maintenance; leaves everything else alone", option_table};

class Drain final : public Policy {
  public:
    explicit Drain(std::vector<double> values) : values_(std::move(values)) {}

    [[nodiscard]] std::string specification() const override { return policy_specification(help, values_); }

    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& /*rng*/) const override {
        DraftOptions options;
        options.sustain = 0;
        options.moves_max = static_cast<std::size_t>(values_[moves]);
        options.enter = values_[fill];
        Draft draft(input, options);
        relieve(draft, {values_[fill], values_[fill], values_[memory], false});
        return draft.finish(specification());
    }

  private:
    std::vector<double> values_;  // in the order of option_table
};

}  // namespace

const PolicyHelp& drain_help() { return help; }

Result<std::unique_ptr<Policy>> make_drain(std::string_view options) {
    Result<std::vector<double>> values = parse_policy_options(help, options);
    if (!values) return tl::unexpected(values.error());
    return std::make_unique<Drain>(std::move(*values));
}

}  // namespace ballast
