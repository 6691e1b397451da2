// SPDX-License-Identifier: Apache-2.0
#include "simulator/host_clocks.hpp"

#include "core/check.hpp"
#include "core/random.hpp"

namespace ballast {

std::vector<double> draw_clock_offsets(std::size_t hosts, double offset_s_max, std::uint64_t seed) {
    std::vector<double> offset_s;
    if (offset_s_max == 0.0) return offset_s;
    Rng rng(seed);
    for (std::size_t h = 0; h < hosts; ++h) {
        const double uniform = rng.uniform();
        offset_s.push_back((2.0 * uniform - 1.0) * offset_s_max);
    }
    return offset_s;
}

HostClocks::HostClocks(const std::vector<double>& offset_s, double offset_s_max, double interval_s) {
    BALLAST_CHECK(offset_s_max >= 0.0 && 2.0 * offset_s_max <= interval_s, "a report reaches back one interval");
    for (const double offset : offset_s) {
        BALLAST_CHECK(-offset_s_max <= offset && offset <= offset_s_max, "no clock is slower than the slowest");
        previous_share_.push_back((offset + offset_s_max) / interval_s);
    }
}

const Demands& HostClocks::report(const Demands& present, const Engine& engine) {
    if (previous_share_.empty()) return present;
    const std::size_t vms = present.cpu_mhz.size();
    share_.assign(vms, 0.0);
    ran_.resize(vms, false);
    for (std::size_t v = 0; v < vms; ++v) {
        const HostId host = engine.host_of(VmId(v));
        if (host.valid() && ran_[v]) share_[v] = previous_share_[host.index()];
        ran_[v] = host.valid();
    }
    mix(present.cpu_mhz, previous_.cpu_mhz, reported_.cpu_mhz);
    mix(present.memory_bytes, previous_.memory_bytes, reported_.memory_bytes);
    mix(present.network_bytes_per_s, previous_.network_bytes_per_s, reported_.network_bytes_per_s);
    mix(present.disk_bytes_per_s, previous_.disk_bytes_per_s, reported_.disk_bytes_per_s);
    previous_ = present;
    return reported_;
}

// `previous` is empty at the first report: then every share is 0.
void HostClocks::mix(const std::vector<double>& present, const std::vector<double>& previous,
                     std::vector<double>& reported) {
    reported = present;
    if (previous.empty()) return;
    for (std::size_t v = 0; v < present.size(); ++v) {
        if (share_[v] > 0.0) reported[v] = share_[v] * previous[v] + (1.0 - share_[v]) * present[v];
    }
}

}  // namespace ballast
