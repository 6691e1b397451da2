// SPDX-License-Identifier: Apache-2.0
// Hand-made answers of hosts, and a clock that tests move.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/clock.hpp"
#include "core/resources.hpp"
#include "metrics/host_reading.hpp"
#include "metrics/windows.hpp"

namespace ballast::test {

inline constexpr std::uint64_t ns_per_s = 1'000'000'000;

class ManualClock final : public Clock {
  public:
    double unix_time_s() override { return 1'700'000'000.0 + now_s_; }
    double monotonic_s() override { return now_s_; }
    void sleep(double seconds) override { advance(seconds); }
    void advance(double seconds) { now_s_ = now_s_ + seconds; }

  private:
    std::atomic<double> now_s_ = 0.0;
};

// A guest of 1 GiB and 2 virtual CPUs that has used `cpu_ms` of CPU time.
inline GuestReading guest(const std::string& name, std::uint64_t cpu_ms, std::uint64_t incarnation = 1) {
    GuestReading reading;
    reading.name = name;
    reading.uuid = "uuid-" + name;
    reading.incarnation = incarnation;
    reading.resident_bytes = 256.0 * bytes_per_mib;
    reading.facts.vcpus = 2;
    reading.facts.memory_bytes = 1024.0 * bytes_per_mib;
    reading.counters.cpu_ns = cpu_ms * 1'000'000;
    return reading;
}

inline GuestReading held(GuestReading reading) {
    reading.state = GuestState::held;
    return reading;
}

// A host of 4 CPUs with 2000 MHz and 16 GiB.
inline HostReading reading(const std::string& host, double at_s, std::vector<GuestReading> guests) {
    HostReading reading;
    reading.at_s = at_s;
    reading.facts.uuid = "machine-" + host;
    reading.facts.cpus = 4;
    reading.facts.mhz_per_cpu = 2000.0;
    reading.facts.memory_bytes = 16384.0 * bytes_per_mib;
    reading.facts.cpu = {"x86_64", "Intel", "Skylake-Server"};
    reading.facts.hypervisor_version = 7002022;
    reading.guests = std::move(guests);
    return reading;
}

}  // namespace ballast::test
