// SPDX-License-Identifier: Apache-2.0
// Ping-pong: migrations that bring a VM back to a host it had left less than an hour before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/ids.hpp"
#include "simulator/observer.hpp"

namespace ballast {

class ReturnCounter : public Observer {
  public:
    static constexpr double window_s = 3600.0;  // from the start of the one migration to the start of the other

    explicit ReturnCounter(std::size_t vm_count) : departures_(vm_count) {}

    void on_migration_start(const Migration& migration) override {
        std::vector<Departure>& lately = departures_[migration.vm.index()];
        std::erase_if(lately, [&](const Departure& d) { return migration.started_s - d.time_s >= window_s; });
        const auto is_back = [&](const Departure& d) { return d.from == migration.to; };
        returns += std::any_of(lately.begin(), lately.end(), is_back) ? 1U : 0U;
        lately.push_back({migration.from, migration.started_s});
    }

    std::size_t returns = 0;

  private:
    struct Departure {
        HostId from;
        double time_s;
    };
    std::vector<std::vector<Departure>> departures_;  // by VM: those within the window
};

}  // namespace ballast
