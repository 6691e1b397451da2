// SPDX-License-Identifier: Apache-2.0
#include "metrics/outlook_maker.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ballast {

Outlook make_outlook(std::span<const WeekOfLoad* const> weeks, double unix_time_s) {
    Outlook outlook;
    outlook.mhz.assign(weeks.size() * Outlook::steps, 0.0F);
    outlook.deviation_mhz.assign(weeks.size(), 0.0F);
    for (std::size_t v = 0; v < weeks.size(); ++v) {
        if (weeks[v] == nullptr) continue;
        std::array<float, Outlook::steps> expected{};
        bool all_known = true;
        for (std::size_t step = 0; step < Outlook::steps && all_known; ++step) {
            const auto mhz = weeks[v]->expected_mhz(unix_time_s + static_cast<double>(step) * Outlook::step_s);
            all_known = mhz.has_value();
            expected[step] = static_cast<float>(mhz.value_or(0.0));
        }
        if (!all_known) continue;
        std::copy(expected.begin(), expected.end(),
                  outlook.mhz.begin() + static_cast<std::ptrdiff_t>(v * Outlook::steps));
        outlook.deviation_mhz[v] = static_cast<float>(weeks[v]->deviation_mhz());
    }
    return outlook;
}

}  // namespace ballast
