// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/automatic.hpp"
#include "scheduler/consolidate.hpp"
#include "scheduler/drain.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/spread.hpp"
#include "scheduler/zoo/neat.hpp"
#include "scheduler/zoo/onedrs.hpp"
#include "scheduler/zoo/ovirt_even.hpp"
#include "scheduler/zoo/ovirt_power_saving.hpp"
#include "scheduler/zoo/proxlb.hpp"
#include "scheduler/zoo/proxmox_crs.hpp"
#include "scheduler/zoo/watcher_balance.hpp"
#include "scheduler/zoo/watcher_consolidation.hpp"
#include "scheduler/zoo/watcher_stabilization.hpp"
#include "scheduler/zoo/xo_density.hpp"
#include "scheduler/zoo/xo_performance.hpp"

namespace ballast {

namespace {

struct Registration {
    PolicyHelp help;
    Result<std::unique_ptr<Policy>> (*make)(std::string_view options);
};

// Sorted by name.
using Registrations = std::array<Registration, 15>;

const Registrations& registrations() {
    static const Registrations table = {{
        {automatic_help(), make_automatic},
        {consolidate_help(), make_consolidate},
        {drain_help(), make_drain},
        {zoo::neat_help(), zoo::make_neat},
        {zoo::onedrs_help(), zoo::make_onedrs},
        {zoo::ovirt_even_help(), zoo::make_ovirt_even},
        {zoo::ovirt_power_saving_help(), zoo::make_ovirt_power_saving},
        {zoo::proxlb_help(), zoo::make_proxlb},
        {zoo::proxmox_crs_help(), zoo::make_proxmox_crs},
        {spread_help(), make_spread},
        {zoo::watcher_balance_help(), zoo::make_watcher_balance},
        {zoo::watcher_consolidation_help(), zoo::make_watcher_consolidation},
        {zoo::watcher_stabilization_help(), zoo::make_watcher_stabilization},
        {zoo::xo_density_help(), zoo::make_xo_density},
        {zoo::xo_performance_help(), zoo::make_xo_performance},
    }};
    return table;
}

}  // namespace

std::span<const PolicyHelp> policy_catalogue() {
    static const std::vector<PolicyHelp> catalogue = [] {
        std::vector<PolicyHelp> helps;
        for (const Registration& registration : registrations()) helps.push_back(registration.help);
        return helps;
    }();
    return catalogue;
}

bool is_registered(std::string_view specification) {
    const std::string_view name = specification.substr(0, specification.find(':'));
    return std::any_of(registrations().begin(), registrations().end(),
                       [&](const Registration& r) { return r.help.name == name; });
}

Result<std::unique_ptr<Policy>> make_policy(std::string_view specification) {
    const std::size_t colon = specification.find(':');
    const std::string_view name = specification.substr(0, colon);
    std::string known;
    for (const Registration& registration : registrations()) {
        known += (known.empty() ? "" : ", ") + std::string(registration.help.name);
        if (registration.help.name != name) continue;
        if (colon == std::string_view::npos) return registration.make({});
        if (colon + 1 == specification.size()) {
            return fail(ErrorKind::usage, "policy \"" + std::string(name) + "\": nothing follows the colon");
        }
        return registration.make(specification.substr(colon + 1));
    }
    return fail(ErrorKind::usage, "unknown policy \"" + std::string(name) + "\"; known: " + known);
}

}  // namespace ballast
