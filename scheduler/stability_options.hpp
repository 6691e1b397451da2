// SPDX-License-Identifier: Apache-2.0
// The rows of stability options that several policies have in their tables.
#pragma once

#include "scheduler/policy.hpp"

namespace ballast {

inline constexpr PolicyOptionHelp no_return_row{
    "no_return", "s", 3600.0, 0.0, 86400.0, "a VM does not go back to a host it left for so long; 0 = it may"};
inline constexpr PolicyOptionHelp daily_moves_row{"daily_moves", "count",  12.0,
                                                  1.0,           100000.0, "moves of one VM in a day at most"};

}  // namespace ballast
