// SPDX-License-Identifier: Apache-2.0
// Hosts whose clocks are not right: what their collectors report of VMs is not the demand of now, and not of the same
// time on every host.
//
// A host measures whole intervals by its own clock, which is off by a fixed `offset_s`, drawn uniformly from +-max: a
// clock that is ahead ends its interval early. The loop decides when the last report is in, that of the slowest clock
// there could be (-max). By then a report is old by
//     age_s = offset_s + max,   0 to 2 max,
// so it is the mean over an interval of which the last age_s are missing and as much of the one before is in it:
//     reported = age_s / interval_s * previous + (1 - age_s / interval_s) * present
// Only differences between clocks matter: if all were off by the same, nothing would be.
//   Worked example: interval 300 s, max 30 s, a clock 20 s ahead: age 50 s. A VM that asked for 1200 MHz in the
//   previous interval and asks for 600 now is reported with 1200/6 + 600 * 5/6 = 700 MHz.
//
// A VM is read by the clock of the host it runs on (the source while it migrates). One that has just moved takes its
// own past along: the previous demand counts, wherever it was served. Without a past there is only the present: in the
// first interval, and for a VM that did not run at the begin of the previous one (it has just arrived, waited or was
// down).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/ids.hpp"
#include "simulator/demands.hpp"
#include "simulator/engine.hpp"

namespace ballast {

// One per host; none if `offset_s_max` is 0. One random number per host: more hosts do not change the first ones.
[[nodiscard]] std::vector<double> draw_clock_offsets(std::size_t hosts, double offset_s_max, std::uint64_t seed);

class HostClocks {
  public:
    // `offset_s` by host, none = all clocks are right; each within +-`offset_s_max`, which is at most half of an
    // interval.
    HostClocks(const std::vector<double>& offset_s, double offset_s_max, double interval_s);

    // To be called at the begin of every interval, once VMs have started. What is reported of the VMs then; lives until
    // the next call. `present` itself if all clocks are right. O(VMs).
    const Demands& report(const Demands& present, const Engine& engine);
    // What the last call returned, which was of `present`.
    [[nodiscard]] const Demands& reported(const Demands& present) const {
        return previous_share_.empty() ? present : reported_;
    }
    // How much of the previous interval is in a report of this host: age_s / interval_s.
    [[nodiscard]] double previous_share(HostId host) const {
        return previous_share_.empty() ? 0.0 : previous_share_[host.index()];
    }

  private:
    void mix(const std::vector<double>& present, const std::vector<double>& previous, std::vector<double>& reported);

    std::vector<double> previous_share_;  // by host; empty = all clocks are right
    std::vector<double> share_;           // by VM, in this report
    std::vector<bool> ran_;               // by VM: at the previous report
    Demands previous_;
    Demands reported_;
};

}  // namespace ballast
