// SPDX-License-Identifier: Apache-2.0
// One guest's record of virConnectGetAllDomainStats as values.
#pragma once

#include <libvirt/libvirt.h>

#include <cstdint>

#include "metrics/host_reading.hpp"

namespace ballast {

// The statistics groups that read_domain_stats() looks at.
inline constexpr unsigned domain_stats_wanted = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL |
                                                VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU |
                                                VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK;

struct DomainStats {
    GuestState state = GuestState::held;
    GuestCounters counters;
    double resident_bytes = 0.0;    // balloon.rss, or else balloon.current; 0 = not told
    double memory_max_bytes = 0.0;  // balloon.maximum; 0 = not told
    double ballooned_bytes = 0.0;   // balloon.maximum less balloon.current; 0 = not told
    std::uint32_t vcpus = 0;        // vcpu.current; 0 = not told
};

// Fields that the hypervisor left out are absent or zero. Guests that are blocked count as running, as in libvirt.
[[nodiscard]] DomainStats read_domain_stats(const virDomainStatsRecord& record);

}  // namespace ballast
