// SPDX-License-Identifier: Apache-2.0
// Independent runs on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "core/result.hpp"

namespace ballast {

// Calls work(0) … work(count - 1), each at most once and in this order, on up to `threads` threads, the caller's among
// them. After an error, or an exception, no further call begins; those under way are waited for. Returns the error of
// the lowest index.
[[nodiscard]] Status for_each_index(std::size_t count, std::size_t threads,
                                    const std::function<Status(std::size_t index)>& work);

}  // namespace ballast
