// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ballast {

// From now on the process keeps what it frees. A replay makes and frees the same large arrays in every interval; given
// back to the system and asked for again, each of their pages costs a page fault: with 1,000,000 VMs a quarter of the
// time (docs/performance.md). For programs whose main work is a replay. Without glibc nothing happens.
void keep_freed_memory();

}  // namespace ballast
