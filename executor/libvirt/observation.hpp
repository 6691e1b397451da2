// SPDX-License-Identifier: Apache-2.0
// One look at one side, with libvirt calls that wait for nobody's lock.
#pragma once

#include <libvirt/virterror.h>

#include <string>
#include <vector>

#include "core/ports/hypervisor.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

// `unreachable` if the daemon does not answer. That it does not know the VM is an answer.
[[nodiscard]] SideObservation look(virConnectPtr connection, const VmIdentity& vm, Side side);

// Why it could not be looked at. Right after the libvirt call that failed, on its thread: libvirt's last error says
// whether the host was silent.
[[nodiscard]] SideObservation unanswered(const Error& error);

// True only if the network says that nothing came back from the host: a connection or data that timed out, no route to
// the host, a keep-alive without answer. Whoever refuses, resets or closes a connection is up, and so is a host that
// wants other credentials or fails; what may be wrong on this side (names, keys, certificates, descriptors, its own
// network) says nothing about the host.
[[nodiscard]] bool is_silence(const virError& error);

// Names of all active domains of a daemon, which is that of `host`.
[[nodiscard]] Result<std::vector<std::string>> active_domains(virConnectPtr connection, const std::string& host);

// libvirt's state and reason as an observation, without job and persistence.
[[nodiscard]] SideObservation translate(int state, int reason, Side side);

}  // namespace ballast::virt
