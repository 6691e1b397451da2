// SPDX-License-Identifier: Apache-2.0
// What a guest's definition says about where it can go, read from libvirt's <domain>. Pure functions over text that is
// not trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/id_set.hpp"
#include "core/result.hpp"

namespace ballast::virt {

struct DiskXml {
    std::string target;            // "vda"
    std::string device;            // "disk", "cdrom", "floppy", "lun"
    std::string type;              // "file", "block", "network", "volume" …
    std::string file;              // of a file disk; empty = no medium
    std::string dev;               // of a block disk
    std::string pool;              // of a volume
    std::string protocol;          // of a network disk: "nfs", "rbd" …
    bool by_local_server = false;  // of a network disk: its server is a socket or loopback address of the host
    std::string cache;             // empty = the hypervisor's default
    bool read_only = false;
    bool shareable = false;
    bool transient = false;
    bool may_be_missing = false;  // startupPolicy='optional'
};

struct DomainXml {
    std::string name;
    std::string uuid;
    std::string type;  // "kvm", "qemu"
    std::string arch;
    std::string machine;
    std::string emulator;
    std::string cpu;            // the <cpu> element as text; empty = none
    std::string cpu_mode;       // "custom", "host-model", "host-passthrough", "maximum"
    bool bound_to_tsc = false;  // invtsc is required without a fixed frequency
    double memory_bytes = 0.0;
    std::uint64_t vcpus_max = 0;  // that may be plugged in; 0 = not told
    bool has_tpm = false;
    bool emulates_tpm = false;
    std::vector<std::string> graphics;  // "vnc", "spice"
    std::vector<DiskXml> disks;
    std::vector<std::string> networks;      // names of libvirt networks its interfaces need
    std::vector<std::string> interfaces;    // names of the host's bridges and devices its interfaces are tied to
    std::vector<std::string> host_devices;  // what ties it to its host, in words
    bool uses_hugepages = false;
    std::vector<std::uint64_t> hugepage_kib;  // sizes asked for; none = the host's default size
    IdSet cpus;                               // physical CPUs that it is pinned to; empty = not pinned
    IdSet nodes;                              // NUMA nodes its memory is bound to; empty = not bound
};

// Reads the XML of a running guest (virDomainGetXMLDesc without flags). Error `failed` for what is no such document.
[[nodiscard]] Result<DomainXml> parse_domain(std::string_view xml);

// "localhost", 127.0.0.0/8, ::1, with or without brackets.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace ballast::virt
