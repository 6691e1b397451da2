// SPDX-License-Identifier: Apache-2.0
// Where the metrics are served, to whom and how. What other machines reach is encrypted and asks for a password.
#pragma once

#include <string>

#include "core/result.hpp"

namespace ballast {

struct ListenerOptions {
    std::string address;          // "127.0.0.1:9177"; port 0 = any free one
    std::string tls_certificate;  // PEM file: the certificate and those that vouch for it; empty = plain HTTP
    std::string tls_key;          // PEM file, not readable by everybody
    std::string user;             // basic authentication; empty = none
    std::string password_file;    // its first line; not readable by everybody

    friend bool operator==(const ListenerOptions&, const ListenerOptions&) = default;
};

// Usage error that says what to add if the options are not complete, or if other machines could reach the address and
// TLS or the password is missing. The files are not looked at.
[[nodiscard]] Status check_listener_options(const ListenerOptions& options);

}  // namespace ballast
