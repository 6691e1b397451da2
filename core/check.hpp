// SPDX-License-Identifier: Apache-2.0
// Assertions for broken invariants. They stay on in release builds: a load balancer that continues on a broken
// invariant moves somebody's machine on the strength of it. What a caller can handle is a Result (result.hpp) instead.
#pragma once

namespace ballast {

[[noreturn]] void check_failed(const char* expression, const char* message, const char* file, int line);

}  // namespace ballast

// Aborts with expression, message and place unless `condition` holds. Always on.
#define BALLAST_CHECK(condition, message) \
    ((condition) ? static_cast<void>(0) : ::ballast::check_failed(#condition, message, __FILE__, __LINE__))

// As BALLAST_CHECK, in development builds only: for checks that cost more than the work they guard.
#ifdef NDEBUG
#define BALLAST_DCHECK(condition, message) static_cast<void>(0)
#else
#define BALLAST_DCHECK(condition, message) BALLAST_CHECK(condition, message)
#endif
