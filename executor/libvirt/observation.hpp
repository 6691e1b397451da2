// SPDX-License-Identifier: Apache-2.0
// One look at one side, with libvirt calls that wait for nobody's lock.
#pragma once

#include <string>
#include <vector>

#include "core/ports/hypervisor.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

// Errors: the daemon does not answer. That it does not know the VM is an answer.
[[nodiscard]] Result<SideObservation> look(virConnectPtr connection, const VmIdentity& vm, Side side);

// Names of all active domains of a daemon, which is that of `host`.
[[nodiscard]] Result<std::vector<std::string>> active_domains(virConnectPtr connection, const std::string& host);

// libvirt's state and reason as an observation, without job and persistence.
[[nodiscard]] SideObservation translate(int state, int reason, Side side);

}  // namespace ballast::virt
