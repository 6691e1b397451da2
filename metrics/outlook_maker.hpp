// SPDX-License-Identifier: Apache-2.0
// An Outlook of what VMs' usual weeks say.
#pragma once

#include <span>

#include "core/outlook.hpp"
#include "metrics/week_of_load.hpp"

namespace ballast {

// `weeks`: one per VM, in the order of their ids; nullptr = nothing is known of it. O(VMs).
[[nodiscard]] Outlook make_outlook(std::span<const WeekOfLoad* const> weeks, double unix_time_s);

}  // namespace ballast
