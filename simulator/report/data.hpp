// SPDX-License-Identifier: Apache-2.0
// The time lines as the page's scripts read them.
#pragma once

#include <span>
#include <string>

#include "simulator/report/report.hpp"

namespace ballast {

// {"runs":[{"label":…,"point_s":…,"hosts":…,"power_w":[…],"hosts_on":[…],"migrations":[…],"sla_violation":[…],
// "contention_vm_hours":[…],"heat":{"rows":…,"hosts_per_row":…,"names":[…],"base64":…}}]}: per point the members of
// Timeline, rounded to what can be seen; `base64` is host_percent. Safe within a <script> element: no "<", ">" or "&".
[[nodiscard]] std::string report_data_json(std::span<const ReportRun> runs);

}  // namespace ballast
