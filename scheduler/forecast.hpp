// SPDX-License-Identifier: Apache-2.0
// What a look ahead adds to what the cluster needs now.
#pragma once

#include "core/cluster.hpp"
#include "core/history.hpp"

namespace ballast {

class Forecast {
  public:
    // `margin`: in standard deviations. Without an outlook in the history nothing is expected. O(VMs).
    Forecast(const Cluster& cluster, const History& history, double margin);

    // By how many MHz more than now all VMs together are planned to need at some time within so many seconds: the
    // expected rise plus `margin` standard deviations of its error, s^2 = sum of (1.25 d_v)^2 over the VMs' mean
    // absolute errors d_v (normal errors, independent of each other), but at most twice the rise, so that nothing jumps
    // where the expectation hovers around no rise. Never negative; 0 if nothing is expected to rise. O(1).
    [[nodiscard]] double rise_mhz(double within_s) const;

  private:
    double rise_mhz_[Outlook::steps] = {};  // up to this step
    double reserve_mhz_ = 0.0;
};

}  // namespace ballast
