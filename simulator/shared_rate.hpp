// SPDX-License-Identifier: Apache-2.0
// Network or disk I/O of all hosts: who asks for how much, and what share of it they get. A host that is asked for more
// than it has gives everybody the same share of what they ask for, as it does with CPU. A capacity of 0 means "not
// measured": then everybody gets everything.
//   Worked example: a host of 100 MiB/s, VMs asking 90 and 60 MiB/s: share 100 / 150; the first gets 60 and loses 30
//   MiB/s, the second gets 40 and loses 20.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/resources.hpp"

namespace ballast {

class SharedRate {
  public:
    SharedRate(Resource resource, const Inventory& inventory);

    // From now on; one per VM, or none if it is not recorded. `host_of`: by VM, the host it runs on, or the number of
    // hosts if it runs nowhere. O(hosts + VMs), O(1) if no host has a capacity or nothing is recorded.
    void set_demands(std::span<const double> bytes_per_s, std::span<const std::uint32_t> host_of);
    // True if anybody could ever lose anything: otherwise nothing else here needs to be called.
    [[nodiscard]] bool binds() const { return !demand_.empty(); }
    [[nodiscard]] double demand(VmId vm) const { return demand_[vm.index()]; }
    // What a host is asked for has changed.
    void ask(HostId host, double bytes_per_s);
    [[nodiscard]] bool contended(HostId host) const { return binds() && share_[host.index()] < 1.0; }
    [[nodiscard]] double share(HostId host) const { return share_[host.index()]; }  // of what is asked that is given

  private:
    Resource resource_;
    bool measured_ = false;  // on any host
    std::vector<double> usable_;
    std::vector<double> share_;   // by host
    std::vector<double> demand_;  // by VM
    std::vector<double> sums_;    // by host, and one more for the VMs that run nowhere
};

}  // namespace ballast
