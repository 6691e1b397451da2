// SPDX-License-Identifier: Apache-2.0
// A hypervisor node: what does not change from one snapshot to the next (HostSpec) and what does (HostState).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/models/power_curve.hpp"
#include "core/pressure.hpp"
#include "core/resources.hpp"

namespace ballast {

// Where a host's processor stands for compatibility; empty strings mean "not known" and match anything.
struct HostCpu {
    std::string arch;    // "x86_64", "aarch64" …
    std::string vendor;  // "Intel", "AMD" …
    std::string model;   // libvirt's name of the host CPU model, "Skylake-Server-IBRS" …

    friend bool operator==(const HostCpu&, const HostCpu&) = default;
};

struct HostPower {
    PowerCurve curve;
    double sleep_watts = 8.0;   // suspended or off, with the management controller alive
    double boot_s = 180.0;      // from wake command to usable
    double boot_watts = 0.0;    // average while booting or suspending; 0 = the curve's peak
    double suspend_s = 10.0;    // from sleep command to sleeping
    bool controllable = false;  // Ballast has a way to sleep and wake this host
};

struct HostSpec {
    std::string name;               // unique in the cluster
    std::string uri;                // libvirt connection URI; empty for a simulated host
    std::string migration_address;  // where its hypervisor receives migrations; empty = the URI's host
    ResourceVector capacity;        // physical; cpu and memory positive, 0 elsewhere = not measured
    ResourceVector reserve;         // kept for the host itself; at most the capacity
    HostCpu cpu;
    std::uint32_t cpus = 0;                // physical CPU threads; 0 = not known
    double cpu_overcommit = 0.0;           // virtual CPUs per physical CPU thread at most; 0 = no limit
    std::uint64_t hypervisor_version = 0;  // QEMU's, as libvirt encodes it (7002022 = 7.2.22); 0 = not known
    std::optional<HostPower> power;        // absent = no energy figures for this host
    std::vector<std::string> labels;       // for rules; not empty each
    std::string rack;                      // for rules; empty = not known
    std::string zone;
    std::vector<std::string> provides;  // "kind:what", see provisions.hpp
};

// What one sleep and one wake take more than sleeping through that time would, in joules.
[[nodiscard]] inline double switching_joules(const HostPower& power) {
    const double watts = power.boot_watts > 0.0 ? power.boot_watts : power.curve.peak_watts();
    return (watts - power.sleep_watts) * (power.suspend_s + power.boot_s);
}

enum class PowerState : std::uint8_t { on, waking, going_to_sleep, asleep };

[[nodiscard]] std::string_view name(PowerState state);

struct HostState {
    PowerState power = PowerState::on;
    bool reachable = true;     // false: its hypervisor did not answer; what runs there is not known
    bool maintenance = false;  // the operator took it out; never a destination
    ResourceVector overhead;   // used by the host itself, outside of its VMs
    HostPressure pressure;
};

}  // namespace ballast
