// SPDX-License-Identifier: Apache-2.0
// The part of the page that needs no script: what was simulated, the main finding, and the table of all runs.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "simulator/report/report.hpp"

namespace ballast {

[[nodiscard]] std::string facts_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff);
[[nodiscard]] std::string finding_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff);
[[nodiscard]] std::string comparison_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff);
[[nodiscard]] std::string glossary_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff);

}  // namespace ballast
