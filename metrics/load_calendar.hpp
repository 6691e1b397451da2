// SPDX-License-Identifier: Apache-2.0
// The usual week of every VM of the cluster, by UUID, so that it survives VMs that are away for a while.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/cluster.hpp"
#include "core/outlook.hpp"
#include "metrics/week_of_load.hpp"

namespace ballast {

class LoadCalendar {
  public:
    LoadCalendar() = default;
    explicit LoadCalendar(std::map<std::string, WeekOfLoad> weeks) : weeks_(std::move(weeks)) {}
    // By UUID.
    [[nodiscard]] const std::map<std::string, WeekOfLoad>& weeks() const { return weeks_; }

    // Learns from the VMs that have a fresh sample; forgets those that have not been seen for two weeks. O(VMs log
    // VMs).
    void learn(const Cluster& cluster, double unix_time_s);
    // What is expected of the VMs of this cluster; nothing while no week is known. O(VMs log VMs).
    [[nodiscard]] std::optional<Outlook> outlook(const Cluster& cluster, double unix_time_s) const;

  private:
    std::map<std::string, WeekOfLoad> weeks_;
};

}  // namespace ballast
