// SPDX-License-Identifier: Apache-2.0
#include "simulator/shared_rate.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace ballast {

SharedRate::SharedRate(Resource resource, const Inventory& inventory) : resource_(resource) {
    for (const HostSpec& host : inventory.hosts()) {
        usable_.push_back((host.capacity - host.reserve)[resource]);
        measured_ = measured_ || usable_.back() > 0.0;
    }
    share_.assign(usable_.size(), 1.0);
}

void SharedRate::set_demands(std::span<const double> bytes_per_s, std::span<const std::uint32_t> host_of) {
    if (!measured_ || bytes_per_s.empty()) return;
    BALLAST_CHECK(bytes_per_s.size() == host_of.size(), "one demand per VM");
    demand_.assign(bytes_per_s.begin(), bytes_per_s.end());
    sums_.assign(usable_.size() + 1, 0.0);
    for (std::size_t v = 0; v < demand_.size(); ++v) sums_[host_of[v]] += demand_[v];
    for (std::size_t h = 0; h < usable_.size(); ++h) ask(HostId(h), sums_[h]);
}

void SharedRate::ask(HostId host, double bytes_per_s) {
    const double usable = usable_[host.index()];
    share_[host.index()] = fits(resource_, bytes_per_s, usable) ? 1.0 : usable / bytes_per_s;
}

}  // namespace ballast
