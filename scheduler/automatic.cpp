// SPDX-License-Identifier: Apache-2.0
#include "scheduler/automatic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/consolidate.hpp"
#include "scheduler/load_window.hpp"
#include "scheduler/policy_options.hpp"
#include "scheduler/spread.hpp"

namespace ballast {

namespace {

enum Option : std::size_t { low, high, sustain };

constexpr std::array<PolicyOptionHelp, 3> option_table = {{
    {"low", "fraction", 0.50, 0.0, 1.0, "consolidates while the whole cluster needs less of what it could give"},
    {"high", "fraction", 0.70, 0.05, 1.0, "spreads while it needs more; in between it goes on with what it did"},
    {"sustain", "s", 900.0, 0.0, 86400.0, "for so long; options of the two: spread.KEY=…, consolidate.KEY=…"},
}};

constexpr PolicyHelp help{"auto", "consolidates while there is little to do, spreads while there is much",
                          option_table};

constexpr std::string_view spread_prefix = "spread.";
constexpr std::string_view consolidate_prefix = "consolidate.";

// Usable CPU of the hosts that are on or can be woken.
double available_mhz(const Cluster& cluster) {
    double sum = 0.0;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        const HostState& state = cluster.state(host);
        if (state.maintenance || cluster.inventory().ignored_by(host)) continue;
        const bool on = state.power == PowerState::on;
        const auto& power = cluster.spec(host).power;
        if (on ? state.reachable : (power && power->controllable)) sum += cluster.usable(host).cpu_mhz();
    }
    return sum;
}

// What all VMs needed, `age` samples back; a VM without that sample counts as it is now.
double needed_mhz(const PolicyInput& input, std::size_t age) {
    double sum = 0.0;
    const std::span<const double> row = input.history.row(age);
    for (std::size_t v = 0; v < row.size(); ++v) sum += std::isnan(row[v]) ? input.cluster.cpu_mhz(VmId(v)) : row[v];
    return sum;
}

bool any_asleep(const Cluster& cluster) {
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const auto& power = cluster.spec(HostId(h)).power;
        if (power && power->controllable && cluster.state(HostId(h)).power == PowerState::asleep) return true;
    }
    return false;
}

class Automatic final : public Policy {
  public:
    Automatic(std::vector<double> values, std::unique_ptr<Policy> spread, std::unique_ptr<Policy> consolidate)
        : values_(std::move(values)), spread_(std::move(spread)), consolidate_(std::move(consolidate)) {}

    [[nodiscard]] std::string specification() const override {
        return policy_specification(help, values_) + prefixed(*spread_, spread_prefix) +
               prefixed(*consolidate_, consolidate_prefix);
    }

    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& rng) const override {
        return (consolidates(input) ? *consolidate_ : *spread_).propose(input, rng);
    }

  private:
    [[nodiscard]] static std::string prefixed(const Policy& policy, std::string_view prefix) {
        const std::string specification = policy.specification();
        std::string text;
        for (std::size_t at = specification.find(':'); at != std::string::npos; at = specification.find(',', at + 1)) {
            const std::size_t end = std::min(specification.find(',', at + 1), specification.size());
            text.append(",").append(prefix).append(specification, at + 1, end - at - 1);
        }
        return text;
    }

    [[nodiscard]] bool consolidates(const PolicyInput& input) const {
        const double available = available_mhz(input.cluster);
        const std::size_t wanted = std::max<std::size_t>(1, samples_of(values_[sustain], input.history));
        std::size_t above = 0;
        std::size_t below = 0;
        for (std::size_t age = 0; age < input.history.sample_count(); ++age) {
            const double needed = needed_mhz(input, age);
            above = needed > available * values_[high] ? above + 1 : 0;
            below = needed < available * values_[low] ? below + 1 : 0;
            if (above >= wanted) return false;
            if (below >= wanted) return true;
        }
        return any_asleep(input.cluster);
    }

    std::vector<double> values_;  // in the order of option_table
    std::unique_ptr<Policy> spread_;
    std::unique_ptr<Policy> consolidate_;
};

}  // namespace

const PolicyHelp& automatic_help() { return help; }

Result<std::unique_ptr<Policy>> make_automatic(std::string_view options) {
    std::string own;
    std::string spread;
    std::string consolidate;
    for (bool more = !options.empty(); more;) {
        const std::size_t comma = options.find(',');
        std::string_view item = options.substr(0, comma);
        more = comma != std::string_view::npos;
        if (more) options.remove_prefix(comma + 1);
        std::string* list = &own;
        for (const auto& [prefix, other] :
             {std::pair(spread_prefix, &spread), std::pair(consolidate_prefix, &consolidate)}) {
            if (!item.starts_with(prefix)) continue;
            item.remove_prefix(prefix.size());
            list = other;
        }
        list->append(list->empty() ? "" : ",").append(item);
    }
    Result<std::vector<double>> values = parse_policy_options(help, own);
    if (!values) return tl::unexpected(values.error());
    if ((*values)[low] >= (*values)[high]) {
        return fail(ErrorKind::usage,
                    "policy \"auto\": low must be below high, or it would change its mind all the time");
    }
    auto spreading = make_spread(spread);
    if (!spreading) return tl::unexpected(spreading.error());
    auto consolidating = make_consolidate(consolidate);
    if (!consolidating) return tl::unexpected(consolidating.error());
    return std::make_unique<Automatic>(std::move(*values), std::move(*spreading), std::move(*consolidating));
}

}  // namespace ballast
