// SPDX-License-Identifier: Apache-2.0
// "ADDRESS:PORT" of a server that must not be reachable from elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

// The address as a server binds it ("127.0.0.1:9177", "[::1]:0"); "localhost" becomes 127.0.0.1. Usage error for text
// that is no address and port, and for an address other machines could reach.
[[nodiscard]] Result<std::string> parse_loopback_address(std::string_view text);

}  // namespace ballast
