// SPDX-License-Identifier: Apache-2.0
// A guest: what does not change from one snapshot to the next (VmSpec) and what does (VmState).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/pressure.hpp"
#include "core/resources.hpp"

namespace ballast {

// How the guest's processor is defined, which decides where it can go (libvirt's <cpu mode='…'>).
enum class GuestCpuMode : std::uint8_t {
    explicit_model,  // a named model: runs wherever the host can provide that model
    host_bound,      // host-passthrough or host-model: only a host of the same vendor and model
};

struct GuestCpu {
    std::string arch;   // empty = not known, matches anything
    std::string model;  // of an explicit model; empty = not known
    GuestCpuMode mode = GuestCpuMode::explicit_model;

    friend bool operator==(const GuestCpu&, const GuestCpu&) = default;
};

// Whom a decision disturbs last, and helps first.
enum class Priority : std::uint8_t { low, normal, high };

inline constexpr Priority all_priorities[] = {Priority::low, Priority::normal, Priority::high};

[[nodiscard]] std::string_view name(Priority priority);  // "low", as in the configuration

struct VmSpec {
    std::string name;  // unique in the cluster
    std::string uuid;  // unique in the cluster; may be empty in a simulation
    std::uint32_t vcpus = 1;
    double memory_bytes = 0.0;  // configured memory: what a destination must be able to give; positive
    GuestCpu cpu;
    std::string immovable_because;    // not empty: this VM cannot be live-migrated, and why (a local disk …)
    std::vector<std::string> labels;  // for rules; not empty each
    std::vector<std::string> needs;   // "kind:what", see provisions.hpp
    Priority priority = Priority::normal;
};

struct VmState {
    HostId host;            // where it runs
    ResourceVector demand;  // what it needs now; memory at least what is resident, at most the configured memory
    bool sampled = true;    // false: no fresh sample; demand is the last known and decisions about it are frozen
    VmPressure pressure{};
};

}  // namespace ballast
