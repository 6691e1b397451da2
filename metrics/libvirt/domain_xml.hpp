// SPDX-License-Identifier: Apache-2.0
// A guest's definition as libvirt prints it: <domain>. Pure functions over text that is not trusted.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "metrics/host_reading.hpp"

namespace ballast {

struct DomainFacts {
    std::string name;
    std::string uuid;
    GuestFacts guest;
};

// Reads the XML of a running guest (virDomainGetXMLDesc without flags). Error `failed` for what is no such document:
// not XML, no <name>, <uuid>, <memory> or <vcpu> that can be understood.
//
// `guest.immovable_because` names what ties the guest to its host and can be seen from here alone, the first of
//   <hostdev>, <interface type='hostdev' or 'vdpa'>   a device of the host
//   <disk device='lun'> or type='block'               a block device of the host: nothing says that others see it too
//   <disk> with <transient/>                          its changes are in a private overlay
//   <filesystem>                                      a folder of the host, passed through
//   <shmem> not in the role of master                 memory shared with other processes of the host
// Whether a file's folder or a network exists elsewhere needs a look at the other host: that is the pre-flight's job.
//
// A guest with cpu mode host-passthrough, host-model or maximum is bound to hosts like its own. (libvirt shows a
// running host-model guest as the explicit model it got; then it may go wherever that model is to be had.)
[[nodiscard]] Result<DomainFacts> parse_domain_xml(std::string_view xml);

}  // namespace ballast
