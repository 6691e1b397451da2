// SPDX-License-Identifier: Apache-2.0
// First fit over many hosts: the first host, in id order, with room for so much CPU and memory. A segment tree holds
// the largest free CPU and the largest free memory of every range of hosts; ranges without enough of either are passed
// over. The answer is that of a plain scan with fits() (core/resources.hpp).
#pragma once

#include <cstddef>
#include <vector>

#include "core/ids.hpp"

namespace ballast {

class FirstFit {
  public:
    struct Room {
        double cpu_mhz_used = 0.0;
        double cpu_mhz_max = 0.0;
        double memory_bytes_used = 0.0;
        double memory_bytes_max = 0.0;
        bool open = true;  // takes VMs at all
    };

    // Index = host id. O(hosts).
    explicit FirstFit(std::vector<Room> hosts);

    // The first host not before `from` with that much room; none if there is none. O(log hosts) where CPU and memory
    // run out together; a range in which one host has the CPU and another the memory is searched in vain.
    [[nodiscard]] HostId find(double cpu_mhz, double memory_bytes, HostId from = HostId(0)) const;
    // Takes the room. O(log hosts).
    void take(HostId host, double cpu_mhz, double memory_bytes);

  private:
    struct Free {
        double cpu_mhz;
        double memory_bytes;
    };

    [[nodiscard]] static Free free_of(const Room& room);
    [[nodiscard]] bool takes(std::size_t host, double cpu_mhz, double memory_bytes) const;

    std::vector<Room> hosts_;
    std::size_t leaves_ = 1;   // a power of two
    std::vector<Free> nodes_;  // 1 is the root, the children of i are 2 i and 2 i + 1; never too small
};

}  // namespace ballast
