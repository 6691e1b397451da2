// SPDX-License-Identifier: Apache-2.0
// Where a host is reached by others: its libvirt daemon and its hypervisor.
#pragma once

#include <string>

#include "core/ports/hypervisor.hpp"

namespace ballast::virt {

// Host part of a libvirt URI, "[…]" kept; empty if it names none ("qemu:///system").
[[nodiscard]] std::string host_of_uri(const std::string& uri);
// Whether connecting may wait for a person on this side: ssh asks for a password, or about a host's key, unless the URI
// forbids it (`no_tty=1`). A program of the operator's (`+ext`) may do anything.
[[nodiscard]] bool may_ask_a_person(const std::string& uri);
// "tcp://ADDRESS" of the destination's hypervisor; empty if neither the endpoint nor its URI names a host.
[[nodiscard]] std::string migration_uri(const HostEndpoint& destination);

}  // namespace ballast::virt
