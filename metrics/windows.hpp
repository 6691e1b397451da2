// SPDX-License-Identifier: Apache-2.0
// From cumulative counters to demand: one window of samples per guest, keyed by UUID. Pure: time comes in with the
// readings.
//
//   demand in MHz = (CPU nanoseconds used + nanoseconds waited for a CPU) / elapsed nanoseconds * the host's MHz per
//   CPU
//
// Waiting counts because on a contended host use alone says the least where it matters most: a guest that wants 80 % of
// a CPU and gets 30 % would look as if it wanted 30 %.
//
// Signs of want (core/pressure.hpp) come from the same counters: what never fell below over the last minute
//   cpu_wait = CPUs waited for / CPUs wanted (used + waited for, but at least half a CPU)
// Worked example: 1.5 s used and 0.5 s waited in 10.0 s -> 0.05 / max(0.2, 0.5) = 0.1; 6 s and 2 s -> 0.2 / 0.8 = 0.25.
//
// A sample covers exactly one interval on one host in one hypervisor process. Where that cannot be had the sample is
// missing (NaN), never a guess: the guest is new, was not read last time, changed host (the counter of the destination
// starts from another value), got a new hypervisor process, its counter went back, or the rate is more than the host
// has.
//
// Worked example, 2000 MHz per CPU: 1.0 s of CPU time in 10.0 s -> 0.1 CPUs -> 200 MHz; the next reading, with 0.5 s
// more after only 2.5 s -> 0.2 CPUs -> 400 MHz.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/pressure.hpp"
#include "metrics/host_reading.hpp"
#include "metrics/sustained.hpp"

namespace ballast {

// Growth of a counter per second; absent if it went back or no time has passed.
[[nodiscard]] std::optional<double> counter_rate(double from_s, std::uint64_t from, double to_s, std::uint64_t to);

// One running guest as one reading shows it.
struct CounterReading {
    std::string uuid;
    std::string host;               // name
    std::uint64_t incarnation = 0;  // as in GuestReading
    double at_s = 0.0;              // as in HostReading
    double mhz_per_cpu = 0.0;
    std::uint32_t host_cpus = 0;  // no guest can use more than these
    GuestCounters counters;
};

// What a guest needs now. Absent network or disk figures are zero.
struct GuestDemand {
    double cpu_mhz = 0.0;   // the newest sample there is; zero before the first one
    double used_mhz = 0.0;  // the part of it that was given
    double network_bytes_per_s = 0.0;
    double disk_bytes_per_s = 0.0;
    bool fresh = false;  // the newest interval has a CPU sample of this guest
};

class DemandWindows {
  public:
    // Keeps `samples_max` samples per guest. `period_s`: how often advance() is meant to be called.
    DemandWindows(std::size_t samples_max, double period_s);

    // Ends one interval with the readings of all guests that could be read; every known guest gets a sample, perhaps a
    // missing one. A call less than a tenth of the period after the last one changes nothing and returns false: the
    // counters advance in steps (10 ms where libvirt has no cgroup), and over such a short time a rate would be mostly
    // noise. A guest that is not read for longer than its whole window is forgotten. O(guests log guests).
    bool advance(double now_s, std::span<const CounterReading> readings);

    // A guest never seen needs nothing, and that is not fresh.
    [[nodiscard]] GuestDemand demand(const std::string& uuid) const;

    // `cpu_wait` and `swap_bytes_per_s` of a guest; what was not measured throughout is absent.
    [[nodiscard]] VmPressure pressure(const std::string& uuid) const;

    // One column per UUID, in this order. As many rows as there were intervals, at most `samples_max`.
    [[nodiscard]] History history(std::span<const std::string> uuids) const;

  private:
    struct Window {
        std::optional<CounterReading> last;  // of the previous advance(); absent if the guest was not read then
        std::vector<double> samples;         // ring: slot i belongs to the interval that wrote slot i
        GuestDemand demand;
        Sustained cpu_wait;
        Sustained swap_bytes_per_s;
        std::size_t missing_in_a_row = 0;
    };

    // What the interval says of a guest beside its demand.
    struct Signs {
        std::optional<double> cpu_wait;
        std::optional<double> swap_bytes_per_s;
    };
    [[nodiscard]] Signs sample(Window& window, const CounterReading& reading) const;

    std::size_t samples_max_;
    double period_s_;
    std::size_t sign_intervals_;  // that signs of want look back on
    std::optional<double> last_advance_s_;
    std::size_t slot_ = 0;       // of the ring, written by the current interval
    std::size_t intervals_ = 0;  // filled slots
    std::map<std::string, Window> windows_;
};

}  // namespace ballast
