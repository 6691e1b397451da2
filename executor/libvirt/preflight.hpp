// SPDX-License-Identifier: Apache-2.0
// What can be known before one migration would make it fail, or make it unsafe: everything read afresh and judged.
#pragma once

#include <vector>

#include "core/ports/hypervisor.hpp"
#include "core/result.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

// Errors: a daemon does not answer, or the source does not know the VM.
[[nodiscard]] Result<std::vector<PreflightFinding>> preflight(const MigrationRequest& request, virConnectPtr source,
                                                              virConnectPtr destination);

}  // namespace ballast::virt
