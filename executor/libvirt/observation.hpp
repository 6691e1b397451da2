// SPDX-License-Identifier: Apache-2.0
// One look at one side, with libvirt calls that wait for nobody's lock.
#pragma once

#include "core/ports/hypervisor.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

// Errors: the daemon does not answer. That it does not know the VM is an answer.
[[nodiscard]] Result<SideObservation> look(virConnectPtr connection, const VmIdentity& vm, Side side);

// libvirt's state and reason as an observation, without job and persistence.
[[nodiscard]] SideObservation translate(int state, int reason, Side side);

}  // namespace ballast::virt
