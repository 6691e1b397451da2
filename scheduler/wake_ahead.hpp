// SPDX-License-Identifier: Apache-2.0
// Wakes hosts before the load that is expected needs them: booting takes minutes, and a ramp does not wait.
#pragma once

#include "scheduler/draft.hpp"
#include "scheduler/forecast.hpp"

namespace ballast {

// While the need of the cluster, with the rise expected within a host's boot time and `notice_s` (at most `ahead_s`,
// for which headroom.hpp keeps hosts on: what is woken must not be put to sleep again at once), fills the hosts that
// are on, are waking or are to be woken above `load_max` of their CPU, the sleeping host that gives a MHz for the
// fewest watts is woken. To be called after relief, whose verdicts it keeps. O(hosts log hosts).
void wake_ahead(Draft& draft, const Forecast& forecast, double load_max, double ahead_s);

inline constexpr double notice_s = 900.0;  // for VMs to move to what was woken

}  // namespace ballast
