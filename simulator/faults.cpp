// SPDX-License-Identifier: Apache-2.0
#include "simulator/faults.hpp"

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace ballast {

namespace {

double exponential(Rng& rng, double mean) { return -mean * std::log1p(-rng.uniform()); }

void sort_by_time(std::vector<HostFailure>& failures) {
    std::sort(failures.begin(), failures.end(), [](const HostFailure& a, const HostFailure& b) {
        return a.at_s != b.at_s ? a.at_s < b.at_s : a.host < b.host;
    });
}

}  // namespace

std::vector<HostFailure> draw_failures(std::span<const FailureRate> rates, double until_s, std::uint64_t seed) {
    std::vector<HostFailure> failures;
    Rng seeds(seed);
    for (std::size_t h = 0; h < rates.size(); ++h) {
        Rng rng(seeds.next());
        if (rates[h].mtbf_s <= 0.0) continue;
        double now_s = exponential(rng, rates[h].mtbf_s);
        while (now_s < until_s) {
            const double repair_s = exponential(rng, rates[h].mttr_s);
            failures.push_back({HostId(h), now_s, repair_s});
            const double works_s = exponential(rng, rates[h].mtbf_s);
            now_s += repair_s + works_s;
        }
    }
    sort_by_time(failures);
    return failures;
}

std::vector<HostFailure> merge_failures(std::vector<HostFailure> a, std::span<const HostFailure> b) {
    a.insert(a.end(), b.begin(), b.end());
    sort_by_time(a);
    return a;
}

}  // namespace ballast
