// SPDX-License-Identifier: Apache-2.0
// Whether a host is the machine that Ballast itself runs on, as far as names and addresses tell.
#pragma once

#include <optional>
#include <string>

#include "core/ports/hypervisor.hpp"

namespace ballast {

// Its host name; empty if it has none.
[[nodiscard]] std::string this_machine();

// True if the host's URI names no host or a loopback address, or if its name, or the host in the URI, is `machine`, in
// full or up to the first dot. In doubt true.
[[nodiscard]] bool is_this_machine(const HostEndpoint& host, const std::string& machine);

// Whether one of the addresses of the host in the URI belongs to this machine, whatever either calls itself. Nothing if
// that cannot be told: the URI names no host, its name has no address, or this machine does not list its own. Blocks
// for as long as the resolver does.
[[nodiscard]] std::optional<bool> has_address_of_this_machine(const HostEndpoint& host);

}  // namespace ballast
