// SPDX-License-Identifier: Apache-2.0
// Passwords are in files of their own, never in the configuration, on a command line or in a log.
#pragma once

#include <string>

#include "core/result.hpp"

namespace ballast::power {

// Refused if the file is not there, cannot be read, or can be read by everybody.
[[nodiscard]] Status check_secret_file(const std::string& path);
// Its first line. Errors as before; refused if it is empty.
[[nodiscard]] Result<std::string> read_secret(const std::string& path);

}  // namespace ballast::power
