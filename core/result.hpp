// SPDX-License-Identifier: Apache-2.0
// Errors a caller can handle are values. An Error says what, where and what to do, in one line.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace ballast {

// What a caller does differently about an error; each kind has its own exit code (see exit_code()).
enum class ErrorKind : std::uint8_t {
    failed,       // the thing asked for failed
    usage,        // wrong arguments, configuration or input data
    refused,      // a safety check said no
    partial,      // partly done; the journal has the rest
    unreachable,  // a host, daemon or file server did not answer
};

struct Error {
    ErrorKind kind = ErrorKind::failed;
    std::string message;  // one line: what, where, what to do
};

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return tl::unexpected<Error>(Error{kind, std::move(message)});
}

// The command-line contract: 0 done, 1 failed, 2 usage or configuration, 3 refused by a safety check, 4 partly done.
[[nodiscard]] constexpr int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::failed: return 1;
        case ErrorKind::usage: return 2;
        case ErrorKind::refused: return 3;
        case ErrorKind::partial: return 4;
        case ErrorKind::unreachable: return 2;
    }
    return 1;
}

}  // namespace ballast
