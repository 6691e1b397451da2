// SPDX-License-Identifier: Apache-2.0
// What keeps a cluster from moving to and fro: who rests after what happened lately.
//
//   cooldown     a VM that moved, by whomever, rests; for a shorter time if its host is hot
//   budget       a VM moves at most so often in a day
//   no return    a VM does not go back to a host it left lately
//   quarantine   a VM rests after a migration of it failed; a host where two arrivals failed within that time is no
//                destination
//   host rest    a host that woke stays on for a while, and sleeps at most so often in a day
//
// Whoever empties a host in maintenance or for a person (drain) is held up by the quarantine only.
//
// There is no pause in which samples are not believed after a move, because no sample is of a host: the load of a host
// is the sum of what the VMs that are on it now needed, wherever they were then (load_window.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "core/reason.hpp"

namespace ballast {

struct StabilityOptions {
    double cooldown_s = 1800.0;         // a VM that moved rests for so long …
    double relief_cooldown_s = 1800.0;  // … and so long if its host is hot
    double no_return_s = 3600.0;        // it does not go back for so long
    std::size_t daily_moves = 12;       // moves of one VM in a day
    double quarantine_s = 3600.0;       // after a failure
    double host_rest_s = 1800.0;        // a host that woke stays on for so long
    std::size_t daily_sleeps = 12;      // of one host in a day
};

// How urgent a move is, least urgent first.
enum class Urgency : std::uint8_t { saving, relief, evacuation };

class Stability {
  public:
    // Refers to the history while it lives. O(hosts + VMs / 8 + past moves * log).
    Stability(const Cluster& cluster, const History& history, const StabilityOptions& options);

    // Why this VM does not move now, wherever to. O(log of past moves).
    [[nodiscard]] std::optional<Reason> resting(VmId vm, Urgency urgency) const;
    // Why this VM does not go to this host: it left it lately. O(1) for VMs that did not move lately.
    [[nodiscard]] std::optional<Reason> returning(VmId vm, HostId to) const;
    // Why nothing goes to this host: what was to arrive lately did not.
    [[nodiscard]] const std::optional<Reason>& quarantined(HostId host) const { return quarantined_[host.index()]; }
    // Why this host is not put to sleep.
    [[nodiscard]] std::optional<Reason> awake(HostId host) const;
    // How often it was put to sleep in the last day.
    [[nodiscard]] std::size_t sleeps(HostId host) const { return hosts_.empty() ? 0 : hosts_[host.index()].sleeps; }

  private:
    struct Departure {
        VmId vm;
        HostId from;
        double age_s;
    };
    struct Past {  // of one VM in the last day
        VmId vm;
        std::size_t moves = 0;
        double failure_age_s = History::never;
    };
    struct HostPast {
        std::size_t sleeps = 0;
        double wake_age_s = History::never;
    };

    void take_in_moves(const Cluster& cluster);
    void take_in_switches(const Cluster& cluster);
    [[nodiscard]] const Past* past_of(VmId vm) const;

    const History& history_;
    StabilityOptions options_;
    std::vector<bool> left_lately_;                   // by VM; empty = nobody did
    std::vector<Departure> departures_;               // within no_return_s, by VM
    std::vector<Past> pasts_;                         // of VMs with moves or failures in the last day, by VM
    std::vector<std::optional<Reason>> quarantined_;  // by host
    std::vector<HostPast> hosts_;                     // by host; empty = no host slept or woke
};

}  // namespace ballast
