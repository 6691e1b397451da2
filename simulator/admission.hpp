// SPDX-License-Identifier: Apache-2.0
// VMs that come, go and come back: who starts where. New VMs start at begins of intervals, VMs of failed hosts as soon
// as they may; each on the first host (in id order) that is on, has the VM's memory free, and whose CPU holds what it
// is asked for now plus the VM's configured MHz divided by cpu_overcommit (its demand is not known before it runs).
// What finds no room waits and is tried again at every begin of an interval, in the order in which it came; a smaller
// VM may pass a larger one. No host is woken for it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "simulator/engine.hpp"
#include "simulator/first_fit.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

class Admission {
  public:
    // `configured_mhz` by VM. O(VMs log).
    Admission(const TraceInfo& trace, std::vector<double> configured_mhz, double cpu_overcommit);

    // At the begin of this interval, its demands set: ends the VMs whose time is over, then starts what can start.
    // Intervals come in ascending order. O(hosts + changes log) if there is anything to start, else O(changes).
    void begin_interval(std::size_t interval, Engine& engine);
    // Starts what can start of the VMs whose host failed and whose delay is over.
    void restart(Engine& engine);

  private:
    void end_vms(std::size_t interval, Engine& engine);
    // Starts those of `vms` that find room and leaves the rest in it.
    void start(std::vector<VmId>& vms, Engine& engine, std::optional<FirstFit>& rooms);
    [[nodiscard]] static FirstFit rooms_of(const Engine& engine);

    struct Change {
        std::size_t interval;
        VmId vm;
    };

    std::vector<double> cpu_mhz_;     // by VM: what it needs at its start
    std::vector<Change> arrivals_;    // after the first interval, by interval, then id
    std::vector<Change> departures_;  // likewise
    std::size_t next_arrival_ = 0;
    std::size_t next_departure_ = 0;
    std::vector<VmId> waiting_;  // new ones, in the order in which they came
};

}  // namespace ballast
