// SPDX-License-Identifier: Apache-2.0
// RAII over libvirt's C API: the event loop, connections, domains, errors as values. The only place, with the leaves
// executor/libvirt and metrics/libvirt, that includes libvirt's headers.
#pragma once

#include <libvirt/libvirt.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast::virt {

struct ConnectionCloser {
    void operator()(virConnectPtr connection) const { virConnectClose(connection); }
};
struct DomainFree {
    void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using Connection = std::unique_ptr<virConnect, ConnectionCloser>;
using Domain = std::unique_ptr<virDomain, DomainFree>;

// Registers libvirt's default event loop, silences its error printing and runs the loop in a thread of its own.
// Idempotent and thread-safe. Must come before the first connection; open() calls it.
void start_event_loop();

enum class Access { read_only, full };

// Connects, with keep-alive (dead after about 15 s of silence). May block in TCP connect for minutes when the network
// drops packets: callers that must not hang call it from a thread they can leave behind.
[[nodiscard]] Result<Connection> open(const std::string& uri, Access access);

// The domain with this UUID. Error kind `failed` if there is none, `unreachable` if the daemon did not answer.
[[nodiscard]] Result<Domain> find_domain(virConnectPtr connection, const std::string& uuid);

// Text from outside in one line that a terminal takes as text: control characters become spaces, and what is not UTF-8
// becomes '?', byte by byte.
[[nodiscard]] std::string one_line(std::string_view text);

// libvirt's last error on this thread as an Error: "<what>: <libvirt's message>", in one line. Kind `unreachable` for
// RPC and connection errors, `failed` for the rest.
[[nodiscard]] Error last_error(std::string_view what);

}  // namespace ballast::virt
