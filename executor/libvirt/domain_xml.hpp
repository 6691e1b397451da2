// SPDX-License-Identifier: Apache-2.0
// What the executor needs to know from libvirt's XML. Pure functions over text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace ballast::virt {

struct DiskXml {
    std::string target;  // "vda"
    std::string device;  // "disk", "cdrom", "floppy", "lun"
    std::string type;    // "file", "block", "network", "volume" …
    std::string file;    // of a file disk; empty = no medium
    bool read_only = false;
    bool shareable = false;
    bool transient = false;
};

struct DomainXml {
    std::string type;  // "kvm", "qemu"
    std::string arch;
    std::string machine;
    std::string emulator;
    std::string cpu;  // the <cpu> element as text; empty = none
    double memory_bytes = 0.0;
    bool has_tpm = false;
    std::vector<DiskXml> disks;
    std::vector<std::string> networks;      // names of libvirt networks its interfaces need
    std::vector<std::string> host_devices;  // what ties it to its host, in words
};

[[nodiscard]] Result<DomainXml> parse_domain(std::string_view xml);

// Host UUID in a capabilities document; empty if it has none.
[[nodiscard]] std::string host_uuid(std::string_view capabilities_xml);

// A storage pool that is an NFSv4 mount: the directory it is mounted on; empty for every other pool. Version 4 is where
// locks are part of the protocol; a pool must say so (<protocol ver='4…'/>), and must not switch them off.
[[nodiscard]] std::string nfs4_mount_of_pool(std::string_view pool_xml);

// True if QEMU's image lock keeps a second copy of this guest from writing: it has a writable disk, and each writable
// disk is a file, not shareable, below one of `locking_mounts`.
[[nodiscard]] bool image_locks_hold(const DomainXml& domain, const std::vector<std::string>& locking_mounts);

}  // namespace ballast::virt
