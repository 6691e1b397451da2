// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/automatic.hpp"
#include "scheduler/consolidate.hpp"
#include "scheduler/drain.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/spread.hpp"

namespace ballast {

namespace {

struct Registration {
    PolicyHelp help;
    Result<std::unique_ptr<Policy>> (*make)(std::string_view options);
};

// Sorted by name.
const std::array<Registration, 4>& registrations() {
    static const std::array<Registration, 4> table = {{
        {automatic_help(), make_automatic},
        {consolidate_help(), make_consolidate},
        {drain_help(), make_drain},
        {spread_help(), make_spread},
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
