// SPDX-License-Identifier: Apache-2.0
// The lists of a host's networks, interfaces and storage pools, as libvirt gives them.
#pragma once

#include "core/result.hpp"
#include "metrics/libvirt/provisions.hpp"
#include "virt/connection.hpp"

namespace ballast {

// Three calls and one for each active pool. The only error is a daemon that does not answer (unreachable).
[[nodiscard]] Result<HostLists> read_host_lists(virConnectPtr connection);

}  // namespace ballast
