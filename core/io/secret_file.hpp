// SPDX-License-Identifier: Apache-2.0
// Passwords and keys are in files of their own, never in the configuration, on a command line or in a log.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

// Refused if the file is not there, cannot be read, or can be read by everybody. `what` it is, such as "password file",
// begins the message.
[[nodiscard]] Status check_secret_file(std::string_view what, const std::string& path);
// The first line of a password file. Errors as before; refused if it is empty.
[[nodiscard]] Result<std::string> read_password(const std::string& path);

}  // namespace ballast
