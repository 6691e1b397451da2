// SPDX-License-Identifier: Apache-2.0
// What can be known before a migration would make it fail, or make it unsafe. Each finding is one line that says what
// to do. What libvirt itself checks before it touches anything (is the disk on shared storage? does QEMU know a
// migration blocker?) is left to it: it refuses, and nothing has happened.
#pragma once

#include <string>
#include <vector>

#include "core/ports/hypervisor.hpp"
#include "core/result.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

// Errors: a daemon does not answer, or the source does not know the VM.
[[nodiscard]] Result<std::vector<std::string>> preflight(const MigrationRequest& request, virConnectPtr source,
                                                         virConnectPtr destination);

}  // namespace ballast::virt
