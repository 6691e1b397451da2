// SPDX-License-Identifier: Apache-2.0
#include "metrics/listener_options.hpp"

#include "metrics/listen_address.hpp"

namespace ballast {

Status check_listener_options(const ListenerOptions& options) {
    const Result<ListenAddress> address = parse_listen_address(options.address);
    if (!address) return tl::unexpected(address.error());
    if (options.tls_certificate.empty() != options.tls_key.empty()) {
        return fail(ErrorKind::usage, "\"tls_certificate\" and \"tls_key\" go together");
    }
    if (options.user.empty() != options.password_file.empty()) {
        return fail(ErrorKind::usage, "\"user\" and \"password_file\" go together");
    }
    if (options.user.find(':') != std::string::npos) {
        return fail(ErrorKind::usage, "\"user\" cannot have a \":\" in it: basic authentication ends it there");
    }
    std::string missing;
    if (options.tls_key.empty()) missing = "tls_certificate and tls_key";
    if (options.user.empty()) missing += std::string(missing.empty() ? "" : ", ") + "user and password_file";
    if (address->loopback || missing.empty()) return {};
    return fail(ErrorKind::usage,
                "other machines can reach \"" + options.address + "\": add " + missing + ", or listen on 127.0.0.1");
}

}  // namespace ballast
