// SPDX-License-Identifier: Apache-2.0
// Service quality in the field's terms (Beloglazov & Buyya 2012), as fractions.
//
//   slatah     share of active host time (on, with something asked of the host) in which more is asked than it can give
//   pdm        CPU not given to VMs while they migrate, over all CPU asked
//   slav       slatah * pdm
//   overall    (asked - given) / asked, over all VMs and the whole time
//   average    mean of (asked - given) / asked over those pairs of VM and interval in which a VM got less than it asked
//
// A VM that is down asks and gets nothing; one that waits for its first start does not ask yet.
// Ballast's own definitions, close to those of CloudSim but not the same to the bit: there a host also violates while
// it receives a VM, and `average` counts one record per update of a VM.
#pragma once

#include <cstddef>
#include <vector>

#include "simulator/observer.hpp"

namespace ballast {

struct SlaFigures {
    double slatah = 0.0;
    double pdm = 0.0;
    double slav = 0.0;
    double overall = 0.0;
    double average = 0.0;
};

class SlaMeter : public Observer {
  public:
    // A VM that runs or is down asks the same from the begin to the end of an interval.
    SlaMeter(std::size_t vm_count, double interval_s) : interval_s_(interval_s), shortfall_(vm_count) {}
    void on_host(const HostStretch& stretch) override;
    void on_vm(const VmStretch& stretch) override;
    void on_interval_end() override;

    // Of all intervals that have ended. A figure that divides by nothing is 0.
    [[nodiscard]] SlaFigures figures() const;
    // The host that was overloaded for the longest time, the first of equals; none if none was. O(hosts).
    [[nodiscard]] HostId worst_host() const;
    [[nodiscard]] double overloaded_s(HostId host) const;

  private:
    struct Shortfall {
        VmId vm;
        double asked_mhz;
    };

    double interval_s_;
    double active_s_ = 0.0;
    double violated_s_ = 0.0;
    std::vector<double> overloaded_s_;  // by host, as far as any was
    double asked_ = 0.0;                // this and the following in MHz * s
    double missed_ = 0.0;
    double missed_migrating_ = 0.0;
    std::vector<double> shortfall_;  // by VM, in this interval
    std::vector<Shortfall> short_;   // the VMs that have one, in the order in which they got it
    double average_sum_ = 0.0;
    std::size_t average_count_ = 0;
};

}  // namespace ballast
