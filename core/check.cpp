// SPDX-License-Identifier: Apache-2.0
#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace ballast {

void check_failed(const char* expression, const char* message, const char* file, int line) {
    std::fprintf(stderr, "ballast: internal error: %s (%s) at %s:%d\n", message, expression, file, line);
    std::abort();
}

}  // namespace ballast
