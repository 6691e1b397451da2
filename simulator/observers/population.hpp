// SPDX-License-Identifier: Apache-2.0
// VMs that come and go, wait for room, and are down because their host failed.
#pragma once

#include <cstddef>
#include <map>

#include "simulator/observer.hpp"

namespace ballast {

class PopulationCounter : public Observer {
  public:
    void on_vm_change(VmId vm, VmChange change, double now_s) override;

    // Those that still wait or are down count up to now.
    struct Figures {
        std::size_t arrivals = 0;         // VMs that came after the begin, whether they found room or not
        std::size_t departures = 0;       // VMs that left before the end
        std::size_t waited = 0;           // of the arrivals, those that found no room at once
        double waiting_s = 0.0;           // from wanting to start to starting, or leaving without
        std::size_t restarts = 0;         // VMs started again after their host failed
        double failure_downtime_s = 0.0;  // from the failure of the host to the start elsewhere
    };
    [[nodiscard]] Figures figures(double now_s) const;

  private:
    struct Since {
        double time_s;
        bool down;  // else it waits for its first start
    };

    void close(VmId vm, double now_s);

    Figures sums_;
    std::map<VmId, Since> open_;
};

}  // namespace ballast
