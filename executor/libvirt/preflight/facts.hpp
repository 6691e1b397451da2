// SPDX-License-Identifier: Apache-2.0
// What the pre-flight checks judge: plain values, read from libvirt by preflight_reader.hpp or made up by a test.
// Absent means "could not be seen", never "is not there".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ports/hypervisor.hpp"
#include "virt/xml/domain_xml.hpp"
#include "virt/xml/host_xml.hpp"
#include "virt/xml/pool_xml.hpp"

namespace ballast::virt {

using Names = std::set<std::string, std::less<>>;

// A definition on a host, running or not.
struct DefinedVm {
    std::string name;
    std::string uuid;
    bool active = false;
};

// What does not depend on the VM that is to move.
struct HostFacts {
    HostEndpoint endpoint;
    HostXml capabilities;
    std::string hostname;  // as its libvirt calls it
    unsigned long libvirt_version = 0;
    unsigned long qemu_version = 0;
    std::vector<DefinedVm> vms;
    std::optional<Names> networks;                          // active ones
    std::optional<Names> interfaces;                        // bridges and devices of the host
    std::optional<std::vector<PoolXml>> pools;              // active ones
    std::vector<std::string> locking_mounts;                // where a lock on a file is seen by every host
    std::optional<double> available_bytes;                  // of memory, page cache included
    std::map<std::uint64_t, std::uint64_t> free_hugepages;  // by size in KiB, all NUMA nodes; only what was told
    std::vector<std::string> unresolved;  // of its names (URI, migration address), those this machine cannot resolve
};

// What the source's own libvirt says when it is asked to migrate the VM to nowhere (preflight_reader.hpp).
struct SourceRefusal {
    bool storage = false;  // it calls the storage unsafe
    std::string text;
};

// What does not depend on the destination.
struct GuestOnSource {
    VmIdentity vm;
    std::string not_running;  // what it does instead; empty = it runs
    bool has_job = false;
    int snapshots = 0;
    std::vector<std::string> block_jobs;  // targets of the disks that have one
    std::optional<SourceRefusal> refusal;
    DomainXml xml;
};

// Whether a host can run such a machine, and what it can do for it.
struct MachineAnswer {
    std::optional<MachineXml> abilities;  // none: refused, or not asked for
    std::string refusal;                  // libvirt's words; empty = it can, or was not asked
};

struct CpuAnswer {
    enum class Verdict : std::uint8_t { not_asked, fits, refused, unknown };
    Verdict verdict = Verdict::not_asked;
    std::string text;  // libvirt's words, if refused or unknown
};

using Volumes = std::map<std::string, VolumeXml, std::less<>>;  // by path; only those that a pool lists

// What must be asked about this VM and this destination.
struct MoveAnswers {
    MachineAnswer machine;
    CpuAnswer cpu;
    Volumes here;   // on the source
    Volumes there;  // on the destination
};

}  // namespace ballast::virt
