// SPDX-License-Identifier: Apache-2.0
// Whether QEMU's own locks keep two copies of a guest from writing to its disks. Pure functions over libvirt's XML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "virt/xml/domain_xml.hpp"

namespace ballast::virt {

// A storage pool that is an NFSv4 mount: the directory it is mounted on; empty for every other pool. Version 4 is where
// locks are part of the protocol; a pool must say so (<protocol ver='4…'/>), and must not switch them off.
[[nodiscard]] std::string nfs4_mount_of_pool(std::string_view pool_xml);

// True if QEMU's image lock keeps a second copy of this guest from writing: it has a writable disk, and each writable
// disk is a file, not shareable, below one of `locking_mounts`.
[[nodiscard]] bool image_locks_hold(const DomainXml& domain, const std::vector<std::string>& locking_mounts);

}  // namespace ballast::virt
