// SPDX-License-Identifier: Apache-2.0
// What a host says it has: <capabilities>, and <domainCapabilities> for one machine type. Pure functions over text
// that is not trusted.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/id_set.hpp"
#include "core/result.hpp"

namespace ballast::virt {

// One emulator of the host and the machine types it knows.
struct EmulatorXml {
    std::string arch;
    std::string path;
    std::set<std::string, std::less<>> machines;
    bool kvm = false;
};

struct HostXml {
    std::string uuid;
    std::string arch;
    std::string vendor;
    std::string model;
    std::vector<EmulatorXml> emulators;
    IdSet cpus;                                    // on line, by topology; empty = not told
    IdSet nodes;                                   // NUMA nodes; empty = not told
    std::vector<std::uint64_t> hugepage_kib;       // sizes larger than the ordinary page, ascending
    std::set<std::string, std::less<>> secmodels;  // without "none"
};

[[nodiscard]] Result<HostXml> parse_host(std::string_view capabilities_xml);

// What QEMU can do there for one emulator, architecture, machine type and accelerator.
struct MachineXml {
    std::uint64_t vcpus_max = 0;  // 0 = not told
    bool tells_tpm = false;       // the host says which TPM back-ends it has …
    bool emulates_tpm = false;    // … and the emulator is among them
    bool tells_graphics = false;  // likewise
    std::set<std::string, std::less<>> graphics;
};

[[nodiscard]] Result<MachineXml> parse_machine(std::string_view domain_capabilities_xml);

}  // namespace ballast::virt
