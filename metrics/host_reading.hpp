// SPDX-License-Identifier: Apache-2.0
// What one host said when it was asked once: facts about itself, its cumulative counters, its guests. Plain values,
// filled by a HostReader (poller.hpp); nothing here knows libvirt.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/host.hpp"
#include "core/id_set.hpp"
#include "core/vm.hpp"

namespace ballast {

// What a guest's definition says: all that a VmSpec needs, besides the name.
struct GuestFacts {
    std::uint32_t vcpus = 1;
    double memory_bytes = 0.0;  // configured
    GuestCpu cpu;
    std::string immovable_because;   // as in VmSpec
    std::vector<std::string> needs;  // "kind:what", of any host it runs on; see collected_provisions.hpp
    IdSet cpus;                      // physical CPUs that it is pinned to; empty = not pinned
    IdSet numa_nodes;                // that its memory is bound to; empty = not bound
};

// Cumulative counters of one guest; absent = the host did not say.
struct GuestCounters {
    std::optional<std::uint64_t> cpu_ns;     // CPU time used, all virtual CPUs and the hypervisor's own threads
    std::optional<std::uint64_t> waited_ns;  // its virtual CPUs were ready to run and had no CPU (ready, steal time)
    std::optional<std::uint64_t> network_bytes;  // received and sent, all interfaces
    std::optional<std::uint64_t> disk_bytes;     // read and written, all disks
    std::optional<std::uint64_t> swap_bytes;     // the guest's own swapping, in and out, as its balloon driver tells
};

enum class GuestState : std::uint8_t {
    running,  // it runs here
    held,     // it holds memory here without running: paused, or arriving by migration
};

struct GuestReading {
    std::string name;
    std::string uuid;
    GuestState state = GuestState::running;
    std::uint64_t incarnation = 0;  // another value = another hypervisor process, whose counters began at zero
    double resident_bytes = 0.0;    // host memory it occupies now
    double ballooned_bytes = 0.0;   // of its memory: taken from it by its balloon
    GuestFacts facts;
    GuestCounters counters;
};

// What a host has, by kind of need. A kind with nothing in it: it is known to have none. An absent kind: not known.
using Provided = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

struct HostFacts {
    std::string uuid;          // of the machine; empty = not known
    std::uint32_t cpus = 0;    // logical CPUs
    double mhz_per_cpu = 0.0;  // nominal; 0 = not known
    double memory_bytes = 0.0;
    HostCpu cpu;
    std::uint64_t hypervisor_version = 0;
    Provided provides;
    IdSet cpu_ids;     // on line; empty = not known
    IdSet numa_nodes;  // empty = not known
};

// A guest that is only defined.
struct ShutOffGuest {
    std::string name;
    std::string uuid;
};

struct HostReading {
    double at_s = 0.0;  // when, on a clock of the reader's that never goes back; only differences count
    HostFacts facts;
    std::optional<std::uint64_t> node_busy_ns;  // cumulative: all that ran on the host's CPUs, guests included
    std::vector<GuestReading> guests;           // all that hold memory here
    std::vector<ShutOffGuest> shut_off;         // guests that are only defined here
};

}  // namespace ballast
