// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/table_policy.hpp"

#include <utility>
#include <vector>

#include "scheduler/policy_options.hpp"

namespace ballast::zoo {

namespace {

class TablePolicy final : public Policy {
  public:
    TablePolicy(const TablePolicyParts& parts, std::vector<double> values)
        : parts_(parts), values_(std::move(values)) {}

    [[nodiscard]] std::string specification() const override { return policy_specification(parts_.help, values_); }

    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& rng) const override {
        Peer peer(input, parts_.load_of(input, values_), values_[parts_.high]);
        parts_.decide(input, values_, rng, peer);
        return peer.draft().finish(specification());
    }

  private:
    TablePolicyParts parts_;
    std::vector<double> values_;  // in the order of the option table
};

}  // namespace

Result<std::unique_ptr<Policy>> make_table_policy(const TablePolicyParts& parts, std::string_view options) {
    Result<std::vector<double>> values = parse_policy_options(parts.help, options);
    if (!values) return tl::unexpected(values.error());
    return std::make_unique<TablePolicy>(parts, std::move(*values));
}

}  // namespace ballast::zoo
