// SPDX-License-Identifier: Apache-2.0
// Fencing by the operator's own program: its arguments, then the host's name and its libvirt URI, without a shell. Exit
// code 0: the host is off, or cut off from storage and network, for certain. Any other, a signal, a program that cannot
// be started or does not end in time: not known.
#pragma once

#include <string>
#include <vector>

#include "executor/fence.hpp"

namespace ballast {

// A management controller takes its time to switch a host off; the watchdog of the service waits longer.
inline constexpr double fence_timeout_s = 60.0;

// `argv` begins with the program.
[[nodiscard]] Fence fence_by_command(std::vector<std::string> argv, double timeout_s = fence_timeout_s);

}  // namespace ballast
