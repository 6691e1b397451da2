// SPDX-License-Identifier: Apache-2.0
#include "metrics/host_overhead.hpp"

#include <algorithm>

namespace ballast {

double HostOverhead::update(const HostReading& reading, double mhz_per_cpu, const DemandWindows& windows) {
    const std::optional<Base> last = last_;
    last_.reset();
    if (!reading.node_busy_ns) return mhz_;

    double guests_mhz = 0.0;
    std::size_t running = 0;
    bool all_fresh = true;
    for (const GuestReading& guest : reading.guests) {
        if (guest.state != GuestState::running) continue;
        const GuestDemand demand = windows.demand(guest.uuid);
        guests_mhz += demand.used_mhz;
        all_fresh = all_fresh && demand.fresh;
        ++running;
    }
    last_ = Base{reading.at_s, *reading.node_busy_ns, running};
    // Every guest of now has a sample, so it was here before; if there are as many as before, none has left.
    if (!last || !all_fresh || last->running_guests != running) return mhz_;
    const auto busy_ns_per_s = counter_rate(last->at_s, last->busy_ns, reading.at_s, *reading.node_busy_ns);
    if (!busy_ns_per_s) return mhz_;
    const double cpus = std::min(*busy_ns_per_s / 1e9, static_cast<double>(reading.facts.cpus));
    mhz_ = std::max(0.0, cpus * mhz_per_cpu - guests_mhz);
    return mhz_;
}

}  // namespace ballast
