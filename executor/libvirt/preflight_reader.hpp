// SPDX-License-Identifier: Apache-2.0
// Reads what the pre-flight checks judge. Nothing here decides anything, and nothing changes anything on a host.
// Errors everywhere: the daemon does not answer (unreachable); what it does not support is absent from the answer.
#pragma once

#include <span>
#include <string>

#include "core/ports/hypervisor.hpp"
#include "executor/libvirt/preflight/facts.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

// About ten calls; also resolves the host's names on this machine.
[[nodiscard]] Result<HostFacts> read_host_facts(virConnectPtr connection, const HostEndpoint& host);

// Also an error: the host does not know the VM.
//
// With AskSource::yes, where nothing else is against it, libvirt on the source is asked to migrate the VM to a URI that
// no libvirt can open. It makes its own checks first (disks on shared storage, QEMU's reasons against a migration),
// then fails on the URI, before it has touched the guest: there is no other way to hear what they say. It holds the
// VM's job for a moment, so it is not for a VM that is about to be migrated: there libvirt says the same anyway.
enum class AskSource { no, yes };
[[nodiscard]] Result<GuestOnSource> read_guest(virConnectPtr connection, const VmIdentity& vm, AskSource ask);

[[nodiscard]] Result<MachineAnswer> ask_machine(virConnectPtr connection, const DomainXml& domain);
// Asks only where the answer can be no.
[[nodiscard]] Result<CpuAnswer> ask_cpu(virConnectPtr connection, const DomainXml& domain);
[[nodiscard]] Result<Volumes> look_up_volumes(virConnectPtr connection, std::span<const std::string> paths);

}  // namespace ballast::virt
