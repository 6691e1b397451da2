// SPDX-License-Identifier: Apache-2.0
// The rows of PressureLevels that several policies have in their tables.
#pragma once

#include "scheduler/policy.hpp"

namespace ballast {

inline constexpr PolicyOptionHelp cpu_wait_row{
    "cpu_wait", "fraction", 0.10,
    0.01,       1.0,        "a host whose VMs wait for CPUs a larger share of the time is hot; 1 = never"};
inline constexpr PolicyOptionHelp memory_stall_row{
    "memory_stall", "fraction", 0.10,
    0.01,           1.0,        "one that stands still for want of memory a larger share, or swaps, likewise"};

}  // namespace ballast
