// SPDX-License-Identifier: Apache-2.0
// Whether a host is the machine that Ballast itself runs on, as far as names tell.
#pragma once

#include <string>

#include "core/ports/hypervisor.hpp"

namespace ballast {

// Its host name; empty if it has none.
[[nodiscard]] std::string this_machine();

// True if the host's URI names no host or a loopback address, or if its name, or the host in the URI, is `machine`, in
// full or up to the first dot. In doubt true.
[[nodiscard]] bool is_this_machine(const HostEndpoint& host, const std::string& machine);

}  // namespace ballast
